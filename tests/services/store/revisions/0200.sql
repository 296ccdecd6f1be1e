BEGIN TRANSACTION;
CREATE TABLE answers (
    question TEXT NOT NULL,
    sources JSON NOT NULL,
    tool_calls JSON NOT NULL,
    notices JSON NOT NULL,
    model TEXT NOT NULL,
    prompt_version TEXT NOT NULL,
    input_tokens BIGINT,
    output_tokens BIGINT,
    cost TEXT,
    latency_ms BIGINT NOT NULL,
    created_at DATETIME NOT NULL,
    interrupted BOOLEAN NOT NULL,
    door TEXT NOT NULL,
    answer_id TEXT NOT NULL,
    chat_id TEXT,
    user_id TEXT NOT NULL,
    category TEXT,
    text TEXT NOT NULL,
    outcome TEXT NOT NULL,
    "right" BOOLEAN,
    feedback_notes TEXT,
    expected TEXT,
    expected_document TEXT,
    mode TEXT,
    CONSTRAINT pk_answers PRIMARY KEY (answer_id),
    CONSTRAINT fk_answers_chat_id_conversations FOREIGN KEY(chat_id) REFERENCES conversations (chat_id) ON DELETE CASCADE
);
INSERT INTO "answers" VALUES('How much is a night in Zürich — 180 or 220?','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 3, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_8", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 3, "superseded_by": "doc_9"}, "section": "", "page": null, "quotes": [{"sentence": {"start": 26, "end": 58}, "span": null, "text": "n = 14", "support": 0.1, "weak": true}], "sql": "SELECT count(*) AS n FROM trips WHERE night < 220"}]}','{"version": 1, "items": [{"name": "search_knowledge_base", "arguments": "{\"query\": \"hotel\"}", "result": "[1] \u2026", "failed": false}, {"name": "lookup_structured_data", "arguments": "{}", "result": "no such column", "failed": true}]}','{"version": 1, "items": ["The search ran without vectors."]}','openai:gpt-4.1-mini','chat-3',1834,0,'0.000123456789012345678901',2150,'2026-01-05 09:00:00.123456',1,'http','ans_0005_full','chat_0005_a0','anna','policies','Up to 220 CHF a night [1], 14 of 20 trips stayed below [2].','conflict',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "answers" VALUES('?','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',NULL,NULL,NULL,0,'2026-01-05 09:01:00.123456',0,'http','ans_0005_bare','chat_0005_a0','anna',NULL,'','not_found',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "answers" VALUES('a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "title": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 3, "superseded_by": null}, "section": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "support": 0.75, "weak": false}, {"sentence": {"start": 26, "end": 58}, "span": null, "text": "n = 14", "support": 0.1, "weak": true}], "sql": null}]}','{"version": 1, "items": [{"name": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "arguments": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "result": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "failed": true}, {"name": "search_knowledge_base", "arguments": "{\"query\": \"hotel\"}", "result": "[1] \u2026", "failed": false}, {"name": "lookup_structured_data", "arguments": "{}", "result": "no such column", "failed": true}]}','{"version": 1, "items": ["a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", ""]}','openai:gpt-4.1-mini','chat-3',1834,0,'0.000123456789012345678901',2150,'2026-01-05 09:02:00.123456',1,'http','ans_0005_ugly','chat_0005_a0','anna','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','conflict',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "answers" VALUES('?','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',NULL,NULL,NULL,0,'2026-01-05 09:20:00.123456',0,'http','ans_0005_again','chat_0005_a0','anna',NULL,'Again.','not_found',0,'NUL �, half �, 😀,   '' " \ =1+1',NULL,NULL,NULL);
INSERT INTO "answers" VALUES('?','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',NULL,NULL,NULL,0,'2026-01-05 09:21:00.123456',0,'http','ans_0005_edited','chat_0005_a0','anna',NULL,'Edited.','not_found',1,NULL,NULL,NULL,NULL);
INSERT INTO "answers" VALUES('?','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 0, "superseded_by": "doc_9"}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "git", "authority": 1, "superseded_by": "doc_9"}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 3, "kind": "web", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "file", "authority": 2, "superseded_by": "doc_9"}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 4, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "upload", "authority": 3, "superseded_by": "doc_9"}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 5, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "fetched", "authority": 0, "superseded_by": "doc_9"}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}]}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',1099511627776,0,'1E+3',8589934592,'2026-01-05 09:10:00.123456',0,'http','ans_0005_answered','chat_0005_b3','boris',NULL,'','answered',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "answers" VALUES('?','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "git", "authority": 1, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 3, "kind": "web", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "file", "authority": 2, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 4, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "upload", "authority": 3, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 5, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "fetched", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}]}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',1099511627776,1,'0',8589934592,'2026-01-05 09:11:00.123456',0,'http','ans_0005_tentative','chat_0005_b4','boris',NULL,'','tentative',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "answers" VALUES('?','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "git", "authority": 1, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 3, "kind": "web", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "file", "authority": 2, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 4, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "upload", "authority": 3, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 5, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "fetched", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}]}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',1099511627776,2,'0',8589934592,'2026-01-05 09:12:00.123456',0,'http','ans_0005_not_found','chat_0005_b5','boris',NULL,'','not_found',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "answers" VALUES('?','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "git", "authority": 1, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 3, "kind": "web", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "file", "authority": 2, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 4, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "upload", "authority": 3, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 5, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "fetched", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}]}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',1099511627776,3,'0',8589934592,'2026-01-05 09:13:00.123456',0,'http','ans_0005_refused','chat_0005_b6','boris',NULL,'','refused',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "answers" VALUES('?','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "git", "authority": 1, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 3, "kind": "web", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "file", "authority": 2, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 4, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "upload", "authority": 3, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 5, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "fetched", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}]}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',1099511627776,4,'0',8589934592,'2026-01-05 09:14:00.123456',0,'http','ans_0005_conflict','chat_0005_b7','boris',NULL,'','conflict',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "answers" VALUES('?','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "git", "authority": 1, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 3, "kind": "web", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "file", "authority": 2, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 4, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "upload", "authority": 3, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 5, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "fetched", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}]}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',1099511627776,5,'0',8589934592,'2026-01-05 09:15:00.123456',0,'http','ans_0005_clarification','chat_0005_b8','boris',NULL,'','clarification',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "answers" VALUES('?','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "git", "authority": 1, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 3, "kind": "web", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "file", "authority": 2, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 4, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "upload", "authority": 3, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 5, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "fetched", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}]}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',1099511627776,6,'0',8589934592,'2026-01-05 09:16:00.123456',0,'http','ans_0005_smalltalk','chat_0005_b9','boris',NULL,'','smalltalk',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "answers" VALUES('?','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "git", "authority": 1, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 3, "kind": "web", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "file", "authority": 2, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 4, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "upload", "authority": 3, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 5, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "fetched", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}]}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',1099511627776,7,'0',8589934592,'2026-01-05 09:17:00.123456',0,'http','ans_0005_interrupted','chat_0005_b10','boris',NULL,'','interrupted',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "answers" VALUES('?','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',NULL,NULL,NULL,0,'2026-03-14 12:00:00.000000',0,'http','ans_0011','chat_0011','anna',NULL,'Every day.','not_found',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "answers" VALUES('?','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',NULL,NULL,NULL,0,'2026-03-14 12:17:00.000000',0,'http','ans_0017','chat_0017','anna',NULL,'So.','unsourced',NULL,NULL,NULL,NULL,'open');
INSERT INTO "answers" VALUES('?','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',NULL,NULL,NULL,0,'2026-03-14 12:19:00.000000',0,'http','ans_0019','chat_0019','anna',NULL,'So.','not_found',NULL,NULL,NULL,NULL,'grounded');
INSERT INTO "answers" VALUES('?','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',NULL,NULL,NULL,0,'2026-03-14 12:20:00.000000',0,'http','ans_0020','chat_0020','anna',NULL,'So.','not_found',0,'Too long.','90 days','policies/travel.md','grounded');
CREATE TABLE api_keys (
    key_id TEXT NOT NULL,
    prefix TEXT NOT NULL,
    digest TEXT NOT NULL,
    user_id TEXT NOT NULL,
    label TEXT NOT NULL,
    scopes JSON NOT NULL,
    created_at DATETIME NOT NULL,
    expires_at DATETIME,
    last_used_at DATETIME,
    revoked_at DATETIME,
    tokens_per_day BIGINT,
    cost_per_day TEXT,
    CONSTRAINT pk_api_keys PRIMARY KEY (key_id),
    CONSTRAINT uq_api_keys_prefix UNIQUE (prefix),
    CONSTRAINT fk_api_keys_user_id_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON DELETE CASCADE
);
INSERT INTO "api_keys" VALUES('key_0005','pre0005abc','5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d','anna','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','["advice", "advice:tune", "chat", "knowledge:read", "knowledge:write", "metrics"]','2026-01-05 09:00:00.123456','2026-01-11 15:00:00.123456','2026-01-05 09:07:00.123456',NULL,NULL,NULL);
INSERT INTO "api_keys" VALUES('key_0005_b','pre0005abd','5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d','boris','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','[]','2026-01-05 09:01:00.123456',NULL,NULL,'2026-01-05 09:08:00.123456',100000,'2.50');
CREATE TABLE calibration_versions (
    version_id TEXT NOT NULL,
    parent_id TEXT,
    profile TEXT NOT NULL,
    kind TEXT NOT NULL,
    maps JSON NOT NULL,
    author TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    n BIGINT NOT NULL,
    window_from DATETIME,
    window_to DATETIME,
    restores TEXT,
    reason TEXT NOT NULL,
    CONSTRAINT pk_calibration_versions PRIMARY KEY (version_id),
    CONSTRAINT fk_calibration_versions_parent_id_calibration_versions FOREIGN KEY(parent_id) REFERENCES calibration_versions (version_id)
);
INSERT INTO "calibration_versions" VALUES('cal_0005_1',NULL,'fantasy-0005','tuned','{"version": 1, "items": [{"model": "openai:gpt-4.1", "prompt_version": "advice-1", "intercept": -0.1, "slope": 0.30000000000000004, "n": 212, "effect": -0.031, "effect_low": -0.05, "effect_high": -0.012, "stated_from": 0.55, "stated_to": 0.30000000000000004}, {"model": "openai:gpt-4.1", "prompt_version": null, "intercept": 3.141592653589793, "slope": 0.3333333333333333, "n": 700, "effect": 5e-324, "effect_low": -0.0, "effect_high": 1.7976931348623157e+308, "stated_from": 0.55, "stated_to": 0.30000000000000004}, {"model": null, "prompt_version": null, "intercept": 0.0, "slope": 1.0, "n": 0, "effect": 0.30000000000000004, "effect_low": 1e-17, "effect_high": 5e-324, "stated_from": null, "stated_to": null}]}','anna','2026-01-05 12:20:00.123456',912,'2026-01-01 00:00:00.000000','2026-03-14 11:59:00.000000',NULL,'Overconfident by 18 points — said so by 212 events.');
INSERT INTO "calibration_versions" VALUES('cal_0005_2','cal_0005_1','fantasy-0005','tuned','{"version": 1, "items": [{"model": "openai:gpt-4.1", "prompt_version": "advice-1", "intercept": -0.1, "slope": 0.30000000000000004, "n": 212, "effect": -0.031, "effect_low": -0.05, "effect_high": -0.012, "stated_from": 0.55, "stated_to": 0.30000000000000004}]}','anna','2026-01-05 12:21:00.123456',0,NULL,NULL,NULL,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
INSERT INTO "calibration_versions" VALUES('cal_0005_3','cal_0005_2','fantasy-0005','rolled_back','{"version": 1, "items": [{"model": "openai:gpt-4.1", "prompt_version": "advice-1", "intercept": -0.1, "slope": 0.30000000000000004, "n": 212, "effect": -0.031, "effect_low": -0.05, "effect_high": -0.012, "stated_from": 0.55, "stated_to": 0.30000000000000004}, {"model": "openai:gpt-4.1", "prompt_version": null, "intercept": 3.141592653589793, "slope": 0.3333333333333333, "n": 700, "effect": 5e-324, "effect_low": -0.0, "effect_high": 1.7976931348623157e+308, "stated_from": 0.55, "stated_to": 0.30000000000000004}, {"model": null, "prompt_version": null, "intercept": 0.0, "slope": 1.0, "n": 0, "effect": 0.30000000000000004, "effect_low": 1e-17, "effect_high": 5e-324, "stated_from": null, "stated_to": null}]}','anna','2026-01-05 12:22:00.123456',0,NULL,NULL,'cal_0005_1','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
CREATE TABLE calibrations (
    profile TEXT NOT NULL,
    version_id TEXT NOT NULL,
    CONSTRAINT pk_calibrations PRIMARY KEY (profile),
    CONSTRAINT fk_calibrations_version_id_calibration_versions FOREIGN KEY(version_id) REFERENCES calibration_versions (version_id)
);
INSERT INTO "calibrations" VALUES('fantasy-0005','cal_0005_3');
CREATE TABLE candor_revision (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT candor_revision_pkc PRIMARY KEY (version_num)
);
INSERT INTO "candor_revision" VALUES('0200');
CREATE TABLE conversation_changes (
    change_id INTEGER NOT NULL,
    chat_id TEXT NOT NULL,
    token TEXT NOT NULL,
    CONSTRAINT pk_conversation_changes PRIMARY KEY (change_id)
);
INSERT INTO "conversation_changes" VALUES(1,'','1');
INSERT INTO "conversation_changes" VALUES(2,'chat_0019','2');
INSERT INTO "conversation_changes" VALUES(3,'chat_0019','3');
INSERT INTO "conversation_changes" VALUES(4,'chat_0019','4');
INSERT INTO "conversation_changes" VALUES(5,'chat_0020','5');
INSERT INTO "conversation_changes" VALUES(6,'chat_0020','6');
INSERT INTO "conversation_changes" VALUES(7,'chat_0020','7');
CREATE TABLE conversation_memories (
    chat_id TEXT NOT NULL,
    embedder TEXT NOT NULL,
    digest TEXT NOT NULL,
    vector BLOB NOT NULL,
    CONSTRAINT pk_conversation_memories PRIMARY KEY (chat_id),
    CONSTRAINT fk_conversation_memories_chat_id_conversation_summaries FOREIGN KEY(chat_id) REFERENCES conversation_summaries (chat_id) ON DELETE CASCADE
);
INSERT INTO "conversation_memories" VALUES('chat_0009','local:0015','6ecc0143afd9fa5c87419e783fbd71f8acb0d90fe72879bc9ceae430cc463cb2',X'000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F606162636465666768696A6B6C6D6E6F707172737475767778797A7B7C7D7E7F808182838485868788898A8B8C8D8E8F909192939495969798999A9B9C9D9E9FA0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBFC0C1C2C3C4C5C6C7C8C9CACBCCCDCECFD0D1D2D3D4D5D6D7D8D9DADBDCDDDEDFE0E1E2E3E4E5E6E7E8E9EAEBECEDEEEFF0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F606162636465666768696A6B6C6D6E6F707172737475767778797A7B7C7D7E7F808182838485868788898A8B8C8D8E8F909192939495969798999A9B9C9D9E9FA0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBFC0C1C2C3C4C5C6C7C8C9CACBCCCDCECFD0D1D2D3D4D5D6D7D8D9DADBDCDDDEDFE0E1E2E3E4E5E6E7E8E9EAEBECEDEEEFF0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F606162636465666768696A6B6C6D6E6F707172737475767778797A7B7C7D7E7F808182838485868788898A8B8C8D8E8F909192939495969798999A9B9C9D9E9FA0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBFC0C1C2C3C4C5C6C7C8C9CACBCCCDCECFD0D1D2D3D4D5D6D7D8D9DADBDCDDDEDFE0E1E2E3E4E5E6E7E8E9EAEBECEDEEEFF0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F606162636465666768696A6B6C6D6E6F707172737475767778797A7B7C7D7E7F808182838485868788898A8B8C8D8E8F909192939495969798999A9B9C9D9E9FA0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBFC0C1C2C3C4C5C6C7C8C9CACBCCCDCECFD0D1D2D3D4D5D6D7D8D9DADBDCDDDEDFE0E1E2E3E4E5E6E7E8E9EAEBECEDEEEFF0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F606162636465666768696A6B6C6D6E6F707172737475767778797A7B7C7D7E7F808182838485868788898A8B8C8D8E8F909192939495969798999A9B9C9D9E9FA0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBFC0C1C2C3C4C5C6C7C8C9CACBCCCDCECFD0D1D2D3D4D5D6D7D8D9DADBDCDDDEDFE0E1E2E3E4E5E6E7E8E9EAEBECEDEEEFF0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F606162636465666768696A6B6C6D6E6F707172737475767778797A7B7C7D7E7F808182838485868788898A8B8C8D8E8F909192939495969798999A9B9C9D9E9FA0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBFC0C1C2C3C4C5C6C7C8C9CACBCCCDCECFD0D1D2D3D4D5D6D7D8D9DADBDCDDDEDFE0E1E2E3E4E5E6E7E8E9EAEBECEDEEEFF0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF');
CREATE TABLE conversation_projects (
    project_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    tracker TEXT NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    state TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    url TEXT,
    CONSTRAINT pk_conversation_projects PRIMARY KEY (project_id),
    CONSTRAINT uq_conversation_projects_conversation_id UNIQUE (conversation_id),
    CONSTRAINT fk_conversation_projects_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (chat_id) ON DELETE CASCADE
);
INSERT INTO "conversation_projects" VALUES('00000000-0000-4000-8000-000000000001','chat_0011','linear','Rotation','Description','created','anna','2026-03-14 12:40:00.000000','https://linear.app/1');
CREATE TABLE conversation_summaries (
    chat_id TEXT NOT NULL,
    run_id TEXT,
    text TEXT NOT NULL,
    method TEXT,
    model TEXT NOT NULL,
    messages BIGINT NOT NULL,
    made_at DATETIME,
    edited TEXT,
    edited_at DATETIME,
    CONSTRAINT pk_conversation_summaries PRIMARY KEY (chat_id),
    CONSTRAINT fk_conversation_summaries_chat_id_conversations FOREIGN KEY(chat_id) REFERENCES conversations (chat_id) ON DELETE CASCADE
);
INSERT INTO "conversation_summaries" VALUES('chat_0009','job_complete','NUL �, half �, 😀,   '' " \ =1+1','model','openai:gpt-4.1-mini',5,'2026-03-14 12:00:00.000000','Mine.','2026-03-14 12:01:00.000000');
CREATE TABLE conversations (
    chat_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    client_id TEXT,
    title TEXT NOT NULL,
    leaf_id TEXT,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    locked_at DATETIME,
    draft_of TEXT,
    mode TEXT,
    CONSTRAINT pk_conversations PRIMARY KEY (chat_id),
    CONSTRAINT uq_conversations_client_id_user_id UNIQUE (client_id, user_id),
    CONSTRAINT fk_conversations_user_id_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON DELETE CASCADE
);
INSERT INTO "conversations" VALUES('chat_0005_a0','anna','tab-0005','About 0005_a0','ans_0005_edited','2026-01-05 09:00:00.123456','2026-01-05 09:21:00.123456','2026-03-14 14:00:00.000000',NULL,NULL);
INSERT INTO "conversations" VALUES('chat_0005_b3','boris',NULL,'About 0005_b3','ans_0005_answered','2026-01-05 09:33:00.123456','2026-01-05 09:10:00.123456','2026-03-14 14:00:00.000000',NULL,NULL);
INSERT INTO "conversations" VALUES('chat_0005_b4','boris',NULL,'About 0005_b4','ans_0005_tentative','2026-01-05 09:34:00.123456','2026-01-05 09:11:00.123456','2026-03-14 14:00:00.000000',NULL,NULL);
INSERT INTO "conversations" VALUES('chat_0005_b5','boris',NULL,'About 0005_b5','ans_0005_not_found','2026-01-05 09:35:00.123456','2026-01-05 09:12:00.123456','2026-03-14 14:00:00.000000',NULL,NULL);
INSERT INTO "conversations" VALUES('chat_0005_b6','boris',NULL,'About 0005_b6','ans_0005_refused','2026-01-05 09:36:00.123456','2026-01-05 09:13:00.123456','2026-03-14 14:00:00.000000',NULL,NULL);
INSERT INTO "conversations" VALUES('chat_0005_b7','boris',NULL,'About 0005_b7','ans_0005_conflict','2026-01-05 09:37:00.123456','2026-01-05 09:14:00.123456','2026-03-14 14:00:00.000000',NULL,NULL);
INSERT INTO "conversations" VALUES('chat_0005_b8','boris',NULL,'About 0005_b8','ans_0005_clarification','2026-01-05 09:38:00.123456','2026-01-05 09:15:00.123456','2026-03-14 14:00:00.000000',NULL,NULL);
INSERT INTO "conversations" VALUES('chat_0005_b9','boris',NULL,'About 0005_b9','ans_0005_smalltalk','2026-01-05 09:39:00.123456','2026-01-05 09:16:00.123456','2026-03-14 14:00:00.000000',NULL,NULL);
INSERT INTO "conversations" VALUES('chat_0005_b10','boris',NULL,'About 0005_b10','ans_0005_interrupted','2026-01-05 09:40:00.123456','2026-01-05 09:17:00.123456','2026-03-14 14:00:00.000000',NULL,NULL);
INSERT INTO "conversations" VALUES('chat_0005_alone','boris','tab-0005','Renamed — Zürich','msg_0005_alone','2026-01-05 10:00:00.123456','2026-01-05 10:00:00.123456','2026-03-14 14:00:00.000000',NULL,NULL);
INSERT INTO "conversations" VALUES('chat_0005_held','boris',NULL,'About 0005_held','msg_0005_held','2026-01-05 10:10:00.123456','2026-01-05 10:10:00.123456','2026-03-14 14:00:00.000000',NULL,NULL);
INSERT INTO "conversations" VALUES('chat_0009','anna',NULL,'Cleaning','msg_0009_9','2026-03-14 12:01:00.000000','2026-03-14 12:05:00.000000','2026-03-14 14:00:00.000000',NULL,NULL);
INSERT INTO "conversations" VALUES('chat_0011','anna',NULL,'About 0011','ans_0011','2026-03-14 12:00:00.000000','2026-03-14 12:00:00.000000','2026-03-14 14:00:00.000000',NULL,NULL);
INSERT INTO "conversations" VALUES('draft_0011','anna',NULL,'About 0011','reply_0011','2026-03-14 12:10:00.000000','2026-03-14 12:21:00.000000',NULL,'chat_0011',NULL);
INSERT INTO "conversations" VALUES('chat_0017','anna',NULL,'About 0017','ans_0017','2026-03-14 12:17:00.000000','2026-03-14 12:17:00.000000',NULL,NULL,'open');
INSERT INTO "conversations" VALUES('chat_0019','anna',NULL,'About 0019','ans_0019','2026-03-14 12:19:00.000000','2026-03-14 12:19:00.000000',NULL,NULL,'grounded');
INSERT INTO "conversations" VALUES('chat_0020','anna',NULL,'About 0020','ans_0020','2026-03-14 12:20:00.000000','2026-03-14 12:20:00.000000',NULL,NULL,'grounded');
CREATE TABLE dataset_items (
    dataset_id TEXT NOT NULL,
    place BIGINT NOT NULL,
    since BIGINT NOT NULL,
    until BIGINT,
    seen BIGINT NOT NULL,
    "key" TEXT NOT NULL,
    digest TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT pk_dataset_items PRIMARY KEY (dataset_id, place, since),
    CONSTRAINT fk_dataset_items_dataset_id_datasets FOREIGN KEY(dataset_id) REFERENCES datasets (dataset_id)
);
INSERT INTO "dataset_items" VALUES('data_1',0,1,2,-2,'Ünusual / key','b8544ac208b4e36e2e5118475ec75c3b342426d03d777f2642c1d7e1940d7605','{"id":"Ünusual / key","description":"A case with everything","vars":{"question":"How much?","n":3,"x":0.1,"deep":{"list":[null,true,{}]}},"expected":{"amount":220},"assert":[{"type":"contains","value":"220","weight":0.5,"required":true,"metric":"amount"},{"type":"assert-set","threshold":0.5,"config":{"a":1},"assert":[{"type":"not-llm-rubric","value":"{{question}}","judge":"x:y"}]}],"threshold":0.75,"metadata":{"source":"test"}}');
INSERT INTO "dataset_items" VALUES('data_1',1,1,2,1,'formula','0a5c3b553a508259e7ba437f4e8fd290f5514314ae7ef3c2b7cc6251845ecf99','{"id":"formula","vars":{"cell":"=cmd()|''/c calc''!A0"},"expected":""}');
INSERT INTO "dataset_items" VALUES('data_1',2,1,2,1,'tag','92d2afa974fe328841541ae01518a0b235454bbefba67dec12872cc653e0f755','{"id":"tag","vars":{"cell":"<script>alert(1)</script>","{{7*7}}":"{% for %}"}}');
INSERT INTO "dataset_items" VALUES('data_1',3,1,2,1,'sha256:711a43f0c3b7ea2598bf3d46b4c5b233c78906f48537c9c54b8a9d50ec6d7ca5','0cde99f7cde130318badae7c9acfdb368e8c9e482dcd04bf4fbff965c4884b07','{"id":"half \ud800","vars":{"cell\udfff":"\ud83d \udc00"},"metadata":{"\u0000":"\u0000"}}');
INSERT INTO "dataset_items" VALUES('data_1',4,1,2,1,'sha256:e85b7ac36a6513b02d790655f1f41027a6269b28e0e810df24eacba380388b19','92e6ed11954628c32abc327e63455a81ea9707f7eb673a3aaca7d26c06edb622','{"id":"half \ud801","vars":{"cell":"NUL \u0000, \u2028"}}');
INSERT INTO "dataset_items" VALUES('data_1',5,1,2,1,'sha256:e191bc1aec7e9a1d2e95a24550e97dd2dd947b6d99ca244d85cae37f8d82c61b','de329ef74a152de52a7952daa55255030de62ad0be5d450a9ad2a08ccf15f4d7','{"id":"sha256:0000000000000000000000000000000000000000000000000000000000000000","vars":{}}');
INSERT INTO "dataset_items" VALUES('data_1',0,2,NULL,2,'Ünusual / key','2c824b76e001158029fc005132aaea0ef399acd9fb52730ba25e16f9c56c94ed','{"id":"Ünusual / key","vars":{"question":"How much?","n":3,"x":0.1,"deep":{"list":[null,true,{}]}},"expected":{"amount":220},"assert":[{"type":"contains","value":"220","weight":0.5,"required":true,"metric":"amount"},{"type":"assert-set","threshold":0.5,"config":{"a":1},"assert":[{"type":"not-llm-rubric","value":"{{question}}","judge":"x:y"}]}],"threshold":0.75,"metadata":{"source":"test"}}');
INSERT INTO "dataset_items" VALUES('data_2',0,1,2,-2,'Ünusual / key','b8544ac208b4e36e2e5118475ec75c3b342426d03d777f2642c1d7e1940d7605','{"id":"Ünusual / key","description":"A case with everything","vars":{"question":"How much?","n":3,"x":0.1,"deep":{"list":[null,true,{}]}},"expected":{"amount":220},"assert":[{"type":"contains","value":"220","weight":0.5,"required":true,"metric":"amount"},{"type":"assert-set","threshold":0.5,"config":{"a":1},"assert":[{"type":"not-llm-rubric","value":"{{question}}","judge":"x:y"}]}],"threshold":0.75,"metadata":{"source":"test"}}');
INSERT INTO "dataset_items" VALUES('data_2',1,1,2,1,'formula','0a5c3b553a508259e7ba437f4e8fd290f5514314ae7ef3c2b7cc6251845ecf99','{"id":"formula","vars":{"cell":"=cmd()|''/c calc''!A0"},"expected":""}');
INSERT INTO "dataset_items" VALUES('data_2',2,1,2,1,'tag','92d2afa974fe328841541ae01518a0b235454bbefba67dec12872cc653e0f755','{"id":"tag","vars":{"cell":"<script>alert(1)</script>","{{7*7}}":"{% for %}"}}');
INSERT INTO "dataset_items" VALUES('data_2',3,1,2,1,'sha256:711a43f0c3b7ea2598bf3d46b4c5b233c78906f48537c9c54b8a9d50ec6d7ca5','0cde99f7cde130318badae7c9acfdb368e8c9e482dcd04bf4fbff965c4884b07','{"id":"half \ud800","vars":{"cell\udfff":"\ud83d \udc00"},"metadata":{"\u0000":"\u0000"}}');
INSERT INTO "dataset_items" VALUES('data_2',4,1,2,1,'sha256:e85b7ac36a6513b02d790655f1f41027a6269b28e0e810df24eacba380388b19','92e6ed11954628c32abc327e63455a81ea9707f7eb673a3aaca7d26c06edb622','{"id":"half \ud801","vars":{"cell":"NUL \u0000, \u2028"}}');
INSERT INTO "dataset_items" VALUES('data_2',5,1,2,1,'sha256:e191bc1aec7e9a1d2e95a24550e97dd2dd947b6d99ca244d85cae37f8d82c61b','de329ef74a152de52a7952daa55255030de62ad0be5d450a9ad2a08ccf15f4d7','{"id":"sha256:0000000000000000000000000000000000000000000000000000000000000000","vars":{}}');
INSERT INTO "dataset_items" VALUES('data_2',0,2,NULL,2,'Ünusual / key','2c824b76e001158029fc005132aaea0ef399acd9fb52730ba25e16f9c56c94ed','{"id":"Ünusual / key","vars":{"question":"How much?","n":3,"x":0.1,"deep":{"list":[null,true,{}]}},"expected":{"amount":220},"assert":[{"type":"contains","value":"220","weight":0.5,"required":true,"metric":"amount"},{"type":"assert-set","threshold":0.5,"config":{"a":1},"assert":[{"type":"not-llm-rubric","value":"{{question}}","judge":"x:y"}]}],"threshold":0.75,"metadata":{"source":"test"}}');
CREATE TABLE dataset_versions (
    dataset_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    digest TEXT NOT NULL,
    item_count BIGINT NOT NULL,
    created_at DATETIME NOT NULL,
    author TEXT NOT NULL,
    note TEXT NOT NULL,
    CONSTRAINT pk_dataset_versions PRIMARY KEY (dataset_id, number),
    CONSTRAINT fk_dataset_versions_dataset_id_datasets FOREIGN KEY(dataset_id) REFERENCES datasets (dataset_id)
);
INSERT INTO "dataset_versions" VALUES('data_1',1,'7313e677245a44c0da0d2ee9e701345b75dc0333d01eab04761766557c84c662',6,'2026-03-14 12:00:00.000000','anna','a note');
INSERT INTO "dataset_versions" VALUES('data_1',2,'d72abc357ab3677c4b25be741f080918362eb5d307f46aa8a7a313a213ed1bc7',1,'2026-03-14 12:01:00.000000','anna','a note');
INSERT INTO "dataset_versions" VALUES('data_2',1,'7313e677245a44c0da0d2ee9e701345b75dc0333d01eab04761766557c84c662',6,'2026-03-14 12:00:00.000000','anna','a note');
INSERT INTO "dataset_versions" VALUES('data_2',2,'d72abc357ab3677c4b25be741f080918362eb5d307f46aa8a7a313a213ed1bc7',1,'2026-03-14 12:01:00.000000','anna','a note');
CREATE TABLE datasets (
    dataset_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    case_id TEXT,
    schema JSON NOT NULL,
    version BIGINT NOT NULL,
    item_count BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    drafting BOOLEAN NOT NULL,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    deleted_at DATETIME,
    CONSTRAINT pk_datasets PRIMARY KEY (dataset_id)
);
INSERT INTO "datasets" VALUES('data_1','anna','Travel questions','What people ask of travel.','case_1','{"version": 1, "items": [{"type": "object", "required": ["question"]}]}',2,1,1,2,0,'2026-03-14 12:00:00.000000','2026-03-14 12:01:00.000000',NULL);
INSERT INTO "datasets" VALUES('data_2','anna','NUL �, half �, 😀,   '' " \','What people ask of travel.','case_1','{"version": 1, "items": [{"type": "object", "required": ["question"]}]}',2,1,1,2,0,'2026-03-14 12:00:00.000000','2026-03-14 12:01:00.000000','2026-03-14 12:02:00.000000');
CREATE TABLE eval_feedback (
    run_id TEXT NOT NULL,
    place BIGINT NOT NULL,
    assertion TEXT NOT NULL,
    person TEXT NOT NULL,
    passed BOOLEAN NOT NULL,
    output_digest TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    note TEXT NOT NULL,
    CONSTRAINT pk_eval_feedback PRIMARY KEY (run_id, place, assertion, person),
    CONSTRAINT fk_eval_feedback_run_id_jobs FOREIGN KEY(run_id) REFERENCES jobs (job_id) ON DELETE CASCADE
);
INSERT INTO "eval_feedback" VALUES('job_complete',3,'llm-rubric#2','Boris',1,'0000000000000000000000000000000000000000000000000000000000000000','2026-03-14 12:00:00.000000','It names no amount.');
INSERT INTO "eval_feedback" VALUES('job_complete',3,'llm-rubric#2','Ada',1,'0000000000000000000000000000000000000000000000000000000000000000','2026-03-14 12:01:00.000000','');
INSERT INTO "eval_feedback" VALUES('job_interrupted',3,'llm-rubric','Ünusual / name',0,'0000000000000000000000000000000000000000000000000000000000000000','2026-03-14 12:00:00.000000','NUL �, half �, 😀,   '' " \ =1+1');
CREATE TABLE feedback (
    feedback_id TEXT NOT NULL,
    response_id TEXT NOT NULL,
    outcome TEXT,
    helpful BOOLEAN,
    notes TEXT,
    judge TEXT NOT NULL,
    "key" TEXT,
    created_at DATETIME NOT NULL,
    superseded_at DATETIME,
    CONSTRAINT pk_feedback PRIMARY KEY (feedback_id),
    CONSTRAINT uq_feedback_response_id_key UNIQUE (response_id, "key"),
    CONSTRAINT fk_feedback_response_id_responses FOREIGN KEY(response_id) REFERENCES responses (response_id) ON DELETE CASCADE
);
INSERT INTO "feedback" VALUES('fb_0005_0','resp_0005_ugly','right',NULL,'20 > 11','profile','profile:resp_0005_ugly','2026-01-05 10:40:00.123456','2026-01-05 10:41:00.123456');
INSERT INTO "feedback" VALUES('fb_0005_1','resp_0005_ugly','wrong',1,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','person','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','2026-01-05 10:41:00.123456','2026-01-05 10:43:00.123456');
INSERT INTO "feedback" VALUES('fb_0005_2','resp_0005_ugly',NULL,0,NULL,'person',NULL,'2026-01-05 10:42:00.123456',NULL);
INSERT INTO "feedback" VALUES('fb_0005_3','resp_0005_ugly','void',NULL,NULL,'person',NULL,'2026-01-05 10:43:00.123456',NULL);
INSERT INTO "feedback" VALUES('fb_0005_4','resp_0005_bare',NULL,NULL,'only a word','person',NULL,'2026-01-05 10:44:00.123456',NULL);
INSERT INTO "feedback" VALUES('fb_0005_5','resp_0005_answered','right',NULL,NULL,'person','k1','2026-01-05 10:45:00.123456',NULL);
INSERT INTO "feedback" VALUES('fb_0005_6','resp_0005_answered','right',NULL,NULL,'person','k2','2026-01-05 10:46:00.123456',NULL);
CREATE TABLE file_attachments (
    file_id TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    "key" TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    characters BIGINT,
    text_note TEXT NOT NULL,
    text TEXT,
    summary_text TEXT,
    summary_model TEXT,
    summarised_at DATETIME,
    summary_run_id TEXT,
    CONSTRAINT pk_file_attachments PRIMARY KEY (file_id),
    CONSTRAINT uq_file_attachments_chat_id_sha256_name UNIQUE (chat_id, sha256, name),
    CONSTRAINT fk_file_attachments_chat_id_conversations FOREIGN KEY(chat_id) REFERENCES conversations (chat_id) ON DELETE CASCADE,
    CONSTRAINT uq_file_attachments_key UNIQUE ("key"),
    CONSTRAINT fk_file_attachments_key_file_objects FOREIGN KEY("key") REFERENCES file_objects ("key")
);
INSERT INTO "file_attachments" VALUES('file_0012_0','chat_0009','anna','Rätsel.txt','text/plain',15,'0000000000000000000000000000000000000000000000000000000000000000','conversations/chat_0009/files/0-0012','2026-03-14 12:00:00.000000',30,'A note.','NUL �, half �, 😀,   '' " \ =1+1','NUL �, half �, 😀,   '' " \ =1+1','openai:gpt-4.1-mini','2026-03-14 12:00:00.000000','job_complete');
INSERT INTO "file_attachments" VALUES('file_0012_1','chat_0009','anna','Rätsel.txt','text/plain',15,'1111111111111111111111111111111111111111111111111111111111111111','conversations/chat_0009/files/1-0012','2026-03-14 12:00:00.000000',NULL,'A note.',NULL,NULL,NULL,NULL,NULL);
CREATE TABLE file_objects (
    "key" TEXT NOT NULL,
    announced_until DATETIME NOT NULL,
    CONSTRAINT pk_file_objects PRIMARY KEY ("key")
);
INSERT INTO "file_objects" VALUES('conversations/chat_0009/files/0-0012','2026-03-14 12:00:00.000000');
INSERT INTO "file_objects" VALUES('conversations/chat_0009/files/1-0012','2026-03-14 12:00:00.000000');
CREATE TABLE import_payloads (
    chat_id TEXT NOT NULL,
    payload BLOB NOT NULL,
    CONSTRAINT pk_import_payloads PRIMARY KEY (chat_id),
    CONSTRAINT fk_import_payloads_chat_id_imports FOREIGN KEY(chat_id) REFERENCES imports (chat_id) ON DELETE CASCADE
);
INSERT INTO "import_payloads" VALUES('chat_0009',X'6431');
CREATE TABLE imported_messages (
    message_id TEXT NOT NULL,
    source_message_id TEXT NOT NULL,
    place BIGINT NOT NULL,
    author TEXT NOT NULL,
    hidden_because TEXT,
    model TEXT NOT NULL,
    is_complete BOOLEAN NOT NULL,
    source_created_at DATETIME,
    parts JSON NOT NULL,
    content_hash TEXT NOT NULL,
    CONSTRAINT pk_imported_messages PRIMARY KEY (message_id),
    CONSTRAINT fk_imported_messages_message_id_messages FOREIGN KEY(message_id) REFERENCES messages (message_id) ON DELETE CASCADE
);
INSERT INTO "imported_messages" VALUES('msg_0009_2','s',0,'','system_message','',1,NULL,'{"version": 1, "items": [{"kind": "text", "text": "You are kind."}]}','0aae1b2f7d501d5eb521f7d1b3ceba50d45797415b0884c6257fc523378d62b4');
INSERT INTO "imported_messages" VALUES('msg_0009_3','q1',1,'',NULL,'',1,'2026-03-14 12:01:00.000000','{"version": 1, "items": [{"kind": "text", "text": "How often?"}]}','0edb04510250ccfe982a1f69f725b947e53327c9a67f9100cd71b89f2cf0aa7e');
INSERT INTO "imported_messages" VALUES('msg_0009_4','r1',2,'','reasoning','',1,NULL,'{"version": 1, "items": [{"kind": "text", "text": "Thinking"}]}','1b679a99c41869a453062ee5b8935eda48a82cbff180ac4ed991c61ad6d2e88f');
INSERT INTO "imported_messages" VALUES('msg_0009_5','t1',3,'',NULL,'',1,NULL,'{"version": 1, "items": [{"kind": "text", "text": "result"}]}','7a0eb480caa62e26ea34ad1b65f6825cb58d8bd0495ea5522c8ec1e163f77fe6');
INSERT INTO "imported_messages" VALUES('msg_0009_6','a1',4,'',NULL,'',1,'2026-03-14 12:02:00.000000','{"version": 1, "items": [{"kind": "text", "text": "Every"}]}','acb177bb865e194f76cf5f1c8555a148fe3309e9a5ed507245e2b3e246b7b943');
INSERT INTO "imported_messages" VALUES('msg_0009_7','a2',5,'',NULL,'',1,'2026-03-14 12:02:00.000000','{"version": 1, "items": [{"kind": "text", "text": "day."}]}','912ea82b2b5d8ab4d64a8cd48b4fb800a866c2aa618e102c15212356ce46ecbd');
INSERT INTO "imported_messages" VALUES('msg_0009_8','q2',6,'',NULL,'',1,NULL,'{"version": 1, "items": [{"kind": "text", "text": "Really?"}]}','17d2f549d08f22675e6a0ce4b41276c73e9630f4d2c6c400955a459060e68b21');
INSERT INTO "imported_messages" VALUES('msg_0009_9','a3',7,'Ada',NULL,'gpt-4o',0,'2026-03-14 12:04:00.000000','{"version": 1, "items": [{"kind": "text", "text": "NUL \ufffd, half \ufffd, \ud83d\ude00, \u2028 '' \" \\ =1+1"}, {"kind": "code", "text": "print(1)", "language": "python"}, {"kind": "reasoning", "text": "Let me see."}, {"kind": "tool_call", "name": "search", "input": "{}", "call_id": "c1", "language": "json"}, {"kind": "tool_result", "name": "search", "text": "no", "call_id": "c1", "is_error": true}, {"kind": "image", "name": "a.png", "reference": "file-1", "media_type": "image/png", "size": 3, "text": ""}, {"kind": "file", "name": "b.txt", "reference": "", "media_type": "", "size": null, "text": "the text of b"}, {"kind": "citation", "title": "Source", "url": "https://example.org/", "text": "as it says"}, {"kind": "unknown", "type": "hologram", "json": "{\"a\": 1}"}]}','d9a0468fea5ee18583b090c2acd211e41ab4a7460484591e657c40b5036cf9cd');
INSERT INTO "imported_messages" VALUES('msg_0009_10','q2b',8,'',NULL,'',1,'2026-03-14 12:03:00.000000','{"version": 1, "items": [{"kind": "text", "text": "Sure?"}]}','13c6835efedd3db96050d735677f550d78805c243436f688230960ca6741902f');
CREATE TABLE imports (
    chat_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    source TEXT NOT NULL,
    source_id TEXT NOT NULL,
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    shown_title TEXT NOT NULL,
    model TEXT NOT NULL,
    project TEXT NOT NULL,
    source_created_at DATETIME,
    source_updated_at DATETIME,
    imported_at DATETIME NOT NULL,
    parser_version BIGINT NOT NULL,
    raw_digest TEXT NOT NULL,
    report JSON NOT NULL,
    CONSTRAINT pk_imports PRIMARY KEY (chat_id),
    CONSTRAINT uq_imports_user_id_source_source_id UNIQUE (user_id, source, source_id),
    CONSTRAINT fk_imports_chat_id_conversations FOREIGN KEY(chat_id) REFERENCES conversations (chat_id) ON DELETE CASCADE
);
INSERT INTO "imports" VALUES('chat_0009','anna','chatgpt','c-1','https://chatgpt.com/share/1','Cleaning','Cleaning','gpt-4o','g-1','2026-03-14 12:01:00.000000','2026-03-14 12:05:00.000000','2026-03-14 13:00:00.000000',1,'d1','{"version": 1, "items": [{"place": "item 1", "source": "chatgpt", "source_id": "c-1", "title": "Cleaning", "messages": 9, "branches": 2, "kept": {"text": 9, "code": 1, "reasoning": 1, "tool_call": 1, "tool_result": 1, "image": 1, "file": 1, "citation": 1, "unknown": 1}, "hidden": {"system_message": 1, "reasoning": 1}, "not_understood": {"type hologram": 1}, "irregular": {}}]}');
CREATE TABLE job_items (
    job_id TEXT NOT NULL,
    place BIGINT NOT NULL,
    "key" TEXT NOT NULL,
    group_name TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    finishes BIGINT NOT NULL,
    cost TEXT NOT NULL,
    tick BIGINT NOT NULL,
    holder TEXT,
    error TEXT,
    brief TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT pk_job_items PRIMARY KEY (job_id, place),
    CONSTRAINT uq_job_items_job_id_key UNIQUE (job_id, "key"),
    CONSTRAINT fk_job_items_job_id_jobs FOREIGN KEY(job_id) REFERENCES jobs (job_id) ON DELETE CASCADE
);
INSERT INTO "job_items" VALUES('job_complete',0,'case-0','a','done',1,1,'0.00000123',2,NULL,NULL,'{"score": 0.1}','{"output": "220 CHF"}');
INSERT INTO "job_items" VALUES('job_complete',1,'case-1','a','done',1,1,'1.20',2,NULL,NULL,'{"score": null}','NUL �, half �, 😀,   '' " \');
INSERT INTO "job_items" VALUES('job_complete',2,'case-2','a','error',1,1,'0',2,NULL,'upstream_timeout: The provider did not answer in time.','{}','{}');
INSERT INTO "job_items" VALUES('job_interrupted',0,'case-0','a','done',1,1,'0.00000123',2,NULL,NULL,'{"score": 0.1}','{"output": "220 CHF"}');
INSERT INTO "job_items" VALUES('job_interrupted',1,'case-1','a','done',1,1,'1.20',2,NULL,NULL,'{"score": null}','NUL �, half �, 😀,   '' " \');
INSERT INTO "job_items" VALUES('job_interrupted',2,'case-2','a','error',1,1,'0',2,NULL,'upstream_timeout: The provider did not answer in time.','{}','{}');
INSERT INTO "job_items" VALUES('job_interrupted',3,'case-3','a','pending',1,0,'0',0,NULL,NULL,'{}','{}');
INSERT INTO "job_items" VALUES('job_killed',0,'case-0','a','done',1,1,'0.00000123',2,NULL,NULL,'{"score": 0.1}','{"output": "220 CHF"}');
INSERT INTO "job_items" VALUES('job_killed',1,'case-1','a','done',1,1,'1.20',2,NULL,NULL,'{"score": null}','NUL �, half �, 😀,   '' " \');
INSERT INTO "job_items" VALUES('job_killed',2,'case-2','a','error',1,1,'0',2,NULL,'upstream_timeout: The provider did not answer in time.','{}','{}');
INSERT INTO "job_items" VALUES('job_killed',3,'case-3','a','running',1,0,'0',0,'worker_0006_killed',NULL,'{}','{}');
INSERT INTO "job_items" VALUES('job_killed',4,'case-4','a','pending',0,0,'0',0,NULL,NULL,'{}','{}');
CREATE TABLE jobs (
    job_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    spec TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    total BIGINT NOT NULL,
    planned BOOLEAN NOT NULL,
    cancelled BOOLEAN NOT NULL,
    budget TEXT,
    spent TEXT NOT NULL,
    tick BIGINT NOT NULL,
    reason TEXT NOT NULL,
    started_at DATETIME,
    ended_at DATETIME,
    CONSTRAINT pk_jobs PRIMARY KEY (job_id)
);
INSERT INTO "jobs" VALUES('job_complete','evaluation','anna','NUL �, half �, 😀,   '' " \','{"variants": 2}','completed','2026-03-14 12:00:00.000000',3,1,0,'12.50','1.20000123',3,'','2026-03-14 12:00:00.000000','2026-03-14 12:00:01.000000');
INSERT INTO "jobs" VALUES('job_interrupted','evaluation','anna','NUL �, half �, 😀,   '' " \','{"variants": 2}','interrupted','2026-03-14 12:01:00.000000',4,1,0,'12.50','1.20000123',3,'storage_full: The disk is full.','2026-03-14 12:00:01.000000','2026-03-14 12:00:02.000000');
INSERT INTO "jobs" VALUES('job_killed','evaluation','anna','NUL �, half �, 😀,   '' " \','{"variants": 2}','running','2026-03-14 12:02:00.000000',5,1,0,'12.50','1.20000123',2,'','2026-03-14 12:00:02.000000',NULL);
INSERT INTO "jobs" VALUES('job_import','import','boris','Handbook','{"variants": 2}','cancelled','2026-03-14 12:00:00.000000',0,0,1,NULL,'0',0,'',NULL,NULL);
CREATE TABLE key_usage (
    key_id TEXT NOT NULL,
    day DATE NOT NULL,
    answers BIGINT NOT NULL,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    cost TEXT NOT NULL,
    estimated BIGINT NOT NULL,
    CONSTRAINT pk_key_usage PRIMARY KEY (key_id, day),
    CONSTRAINT fk_key_usage_key_id_api_keys FOREIGN KEY(key_id) REFERENCES api_keys (key_id) ON DELETE CASCADE
);
INSERT INTO "key_usage" VALUES('key_0005','2026-01-05',4,7336,388,'0.000493827156049382715604',4);
CREATE TABLE label_moves (
    move_id TEXT NOT NULL,
    prompt_id TEXT NOT NULL,
    label TEXT NOT NULL,
    from_version BIGINT,
    to_version BIGINT,
    author TEXT NOT NULL,
    moved_at DATETIME NOT NULL,
    evidence TEXT,
    reason TEXT NOT NULL,
    CONSTRAINT pk_label_moves PRIMARY KEY (move_id),
    CONSTRAINT fk_label_moves_prompt_id_prompts FOREIGN KEY(prompt_id) REFERENCES prompts (prompt_id)
);
INSERT INTO "label_moves" VALUES('move_prompt_1_1','prompt_1','production',NULL,1,'anna','2026-03-14 12:00:00.000000','eval_1','better');
INSERT INTO "label_moves" VALUES('move_prompt_1_2','prompt_1','production',1,2,'anna','2026-03-14 12:01:00.000000','eval_1','better');
INSERT INTO "label_moves" VALUES('move_prompt_own_1','prompt_own','production',NULL,1,'anna','2026-03-14 12:00:00.000000','eval_1','better');
INSERT INTO "label_moves" VALUES('move_prompt_own_2','prompt_own','production',1,2,'anna','2026-03-14 12:01:00.000000','eval_1','better');
INSERT INTO "label_moves" VALUES('move_prompt_gone_1','prompt_gone','production',NULL,1,'anna','2026-03-14 12:00:00.000000','eval_1','better');
INSERT INTO "label_moves" VALUES('move_prompt_gone_2','prompt_gone','production',1,2,'anna','2026-03-14 12:01:00.000000','eval_1','better');
CREATE TABLE leases (
    lease_id TEXT NOT NULL,
    name TEXT NOT NULL,
    until DATETIME NOT NULL,
    cancelled BOOLEAN NOT NULL,
    CONSTRAINT pk_leases PRIMARY KEY (lease_id)
);
INSERT INTO "leases" VALUES('ans_0005_b3','chat_0005_b3','2026-01-05 09:33:00.123456',0);
INSERT INTO "leases" VALUES('ans_0005_b4','chat_0005_b4','2026-01-05 09:34:00.123456',0);
INSERT INTO "leases" VALUES('ans_0005_b5','chat_0005_b5','2026-01-05 09:35:00.123456',0);
INSERT INTO "leases" VALUES('ans_0005_b6','chat_0005_b6','2026-01-05 09:36:00.123456',0);
INSERT INTO "leases" VALUES('ans_0005_b7','chat_0005_b7','2026-01-05 09:37:00.123456',0);
INSERT INTO "leases" VALUES('ans_0005_b8','chat_0005_b8','2026-01-05 09:38:00.123456',0);
INSERT INTO "leases" VALUES('ans_0005_b9','chat_0005_b9','2026-01-05 09:39:00.123456',0);
INSERT INTO "leases" VALUES('ans_0005_b10','chat_0005_b10','2026-01-05 09:40:00.123456',0);
INSERT INTO "leases" VALUES('ans_0005_alone','chat_0005_alone','2026-01-05 10:00:00.123456',0);
INSERT INTO "leases" VALUES('lease_held','key_0005','2099-01-01 00:00:00.000000',0);
INSERT INTO "leases" VALUES('lease_stopped','key_0005','2099-01-01 00:00:00.000000',0);
INSERT INTO "leases" VALUES('ans_0005_held','chat_0005_held','2099-01-01 00:00:00.000000',1);
INSERT INTO "leases" VALUES('worker_0006_killed','job_killed','2026-03-14 12:00:06.000000',0);
CREATE TABLE link_secrets (
    name TEXT NOT NULL,
    secret TEXT NOT NULL,
    CONSTRAINT pk_link_secrets PRIMARY KEY (name)
);
INSERT INTO "link_secrets" VALUES('files','sesame-0012');
CREATE TABLE messages (
    message_id TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    parent_id TEXT,
    role TEXT NOT NULL,
    client_id TEXT,
    text TEXT NOT NULL,
    parts JSON NOT NULL,
    model_messages TEXT,
    created_at DATETIME NOT NULL,
    hidden BOOLEAN,
    reply JSON,
    CONSTRAINT pk_messages PRIMARY KEY (message_id),
    CONSTRAINT fk_messages_chat_id_conversations FOREIGN KEY(chat_id) REFERENCES conversations (chat_id) ON DELETE CASCADE,
    CONSTRAINT fk_messages_parent_id_messages FOREIGN KEY(parent_id) REFERENCES messages (message_id)
);
INSERT INTO "messages" VALUES('msg_0005_a0','chat_0005_a0',NULL,'user','c0-0005','How much is a night in Zürich — 180 or 220?','{"version": 1, "items": []}',NULL,'2026-01-05 09:00:00.123456',NULL,NULL);
INSERT INTO "messages" VALUES('ans_0005_full','chat_0005_a0','msg_0005_a0','assistant',NULL,'Up to 220 CHF a night [1], 14 of 20 trips stayed below [2].','{"version": 1, "items": [{"kind": "step"}, {"kind": "reasoning", "text": "Where could that stand?"}, {"kind": "tool", "call_id": "call_1", "name": "search_knowledge_base", "arguments": "{\"query\": \"Z\u00fcrich\"}", "result": "[1] \u2026", "failed": false}, {"kind": "tool", "call_id": "call_2", "name": "lookup_structured_data", "arguments": "{}", "result": "no such column", "failed": true}, {"kind": "tool", "call_id": "call_3", "name": "search_knowledge_base", "arguments": "{}", "result": null, "failed": false}, {"kind": "step"}, {"kind": "text", "text": "Up to 220 CHF, I believe"}, {"kind": "replacement", "text": "I can''t find this.", "reason": "uncited"}, {"kind": "text", "text": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028"}, {"kind": "tool", "call_id": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "name": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "arguments": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "result": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "failed": false}]}','[{"seen": "ans_0005_full", "text": "Up to 220 CHF a night [1], 14 of 20 trips stayed below [2]."}]','2026-01-05 09:00:00.123456',NULL,NULL);
INSERT INTO "messages" VALUES('msg_0005_a1','chat_0005_a0','ans_0005_full','user','c1-0005','?','{"version": 1, "items": []}',NULL,'2026-01-05 09:01:00.123456',NULL,NULL);
INSERT INTO "messages" VALUES('ans_0005_bare','chat_0005_a0','msg_0005_a1','assistant',NULL,'','{"version": 1, "items": []}','[{"seen": "ans_0005_bare", "text": ""}]','2026-01-05 09:01:00.123456',NULL,NULL);
INSERT INTO "messages" VALUES('msg_0005_a2','chat_0005_a0','ans_0005_bare','user','c2-0005','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','{"version": 1, "items": []}',NULL,'2026-01-05 09:02:00.123456',NULL,NULL);
INSERT INTO "messages" VALUES('ans_0005_ugly','chat_0005_a0','msg_0005_a2','assistant',NULL,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','{"version": 1, "items": [{"kind": "step"}, {"kind": "reasoning", "text": "Where could that stand?"}, {"kind": "tool", "call_id": "call_1", "name": "search_knowledge_base", "arguments": "{\"query\": \"Z\u00fcrich\"}", "result": "[1] \u2026", "failed": false}, {"kind": "tool", "call_id": "call_2", "name": "lookup_structured_data", "arguments": "{}", "result": "no such column", "failed": true}, {"kind": "tool", "call_id": "call_3", "name": "search_knowledge_base", "arguments": "{}", "result": null, "failed": false}, {"kind": "step"}, {"kind": "text", "text": "Up to 220 CHF, I believe"}, {"kind": "replacement", "text": "I can''t find this.", "reason": "uncited"}, {"kind": "text", "text": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028"}, {"kind": "tool", "call_id": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "name": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "arguments": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "result": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "failed": false}]}','[{"seen": "ans_0005_ugly", "text": "a NUL \u0000, half a pair \ud83d, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028"}]','2026-01-05 09:02:00.123456',NULL,NULL);
INSERT INTO "messages" VALUES('ans_0005_again','chat_0005_a0','msg_0005_a2','assistant',NULL,'Again.','{"version": 1, "items": [{"kind": "step"}, {"kind": "reasoning", "text": "Where could that stand?"}, {"kind": "tool", "call_id": "call_1", "name": "search_knowledge_base", "arguments": "{\"query\": \"Z\u00fcrich\"}", "result": "[1] \u2026", "failed": false}, {"kind": "tool", "call_id": "call_2", "name": "lookup_structured_data", "arguments": "{}", "result": "no such column", "failed": true}, {"kind": "tool", "call_id": "call_3", "name": "search_knowledge_base", "arguments": "{}", "result": null, "failed": false}, {"kind": "step"}, {"kind": "text", "text": "Up to 220 CHF, I believe"}, {"kind": "replacement", "text": "I can''t find this.", "reason": "uncited"}]}','[{"seen": "ans_0005_again", "text": "Again."}]','2026-01-05 09:20:00.123456',NULL,NULL);
INSERT INTO "messages" VALUES('msg_0005_edited','chat_0005_a0','ans_0005_full','user',NULL,'Other?','{"version": 1, "items": []}',NULL,'2026-01-05 09:21:00.123456',NULL,NULL);
INSERT INTO "messages" VALUES('ans_0005_edited','chat_0005_a0','msg_0005_edited','assistant',NULL,'Edited.','{"version": 1, "items": [{"kind": "step"}, {"kind": "reasoning", "text": "Where could that stand?"}, {"kind": "tool", "call_id": "call_1", "name": "search_knowledge_base", "arguments": "{\"query\": \"Z\u00fcrich\"}", "result": "[1] \u2026", "failed": false}, {"kind": "tool", "call_id": "call_2", "name": "lookup_structured_data", "arguments": "{}", "result": "no such column", "failed": true}, {"kind": "tool", "call_id": "call_3", "name": "search_knowledge_base", "arguments": "{}", "result": null, "failed": false}, {"kind": "step"}, {"kind": "text", "text": "Up to 220 CHF, I believe"}, {"kind": "replacement", "text": "I can''t find this.", "reason": "uncited"}]}','[{"seen": "ans_0005_edited", "text": "Edited."}]','2026-01-05 09:21:00.123456',NULL,NULL);
INSERT INTO "messages" VALUES('msg_0005_b3','chat_0005_b3',NULL,'user',NULL,'?','{"version": 1, "items": []}',NULL,'2026-01-05 09:33:00.123456',NULL,NULL);
INSERT INTO "messages" VALUES('ans_0005_answered','chat_0005_b3','msg_0005_b3','assistant',NULL,'','{"version": 1, "items": []}','[{"seen": "ans_0005_answered", "text": ""}]','2026-01-05 09:10:00.123456',NULL,NULL);
INSERT INTO "messages" VALUES('msg_0005_b4','chat_0005_b4',NULL,'user',NULL,'?','{"version": 1, "items": []}',NULL,'2026-01-05 09:34:00.123456',NULL,NULL);
INSERT INTO "messages" VALUES('ans_0005_tentative','chat_0005_b4','msg_0005_b4','assistant',NULL,'','{"version": 1, "items": []}','[{"seen": "ans_0005_tentative", "text": ""}]','2026-01-05 09:11:00.123456',NULL,NULL);
INSERT INTO "messages" VALUES('msg_0005_b5','chat_0005_b5',NULL,'user',NULL,'?','{"version": 1, "items": []}',NULL,'2026-01-05 09:35:00.123456',NULL,NULL);
INSERT INTO "messages" VALUES('ans_0005_not_found','chat_0005_b5','msg_0005_b5','assistant',NULL,'','{"version": 1, "items": []}','[{"seen": "ans_0005_not_found", "text": ""}]','2026-01-05 09:12:00.123456',NULL,NULL);
INSERT INTO "messages" VALUES('msg_0005_b6','chat_0005_b6',NULL,'user',NULL,'?','{"version": 1, "items": []}',NULL,'2026-01-05 09:36:00.123456',NULL,NULL);
INSERT INTO "messages" VALUES('ans_0005_refused','chat_0005_b6','msg_0005_b6','assistant',NULL,'','{"version": 1, "items": []}','[{"seen": "ans_0005_refused", "text": ""}]','2026-01-05 09:13:00.123456',NULL,NULL);
INSERT INTO "messages" VALUES('msg_0005_b7','chat_0005_b7',NULL,'user',NULL,'?','{"version": 1, "items": []}',NULL,'2026-01-05 09:37:00.123456',NULL,NULL);
INSERT INTO "messages" VALUES('ans_0005_conflict','chat_0005_b7','msg_0005_b7','assistant',NULL,'','{"version": 1, "items": []}','[{"seen": "ans_0005_conflict", "text": ""}]','2026-01-05 09:14:00.123456',NULL,NULL);
INSERT INTO "messages" VALUES('msg_0005_b8','chat_0005_b8',NULL,'user',NULL,'?','{"version": 1, "items": []}',NULL,'2026-01-05 09:38:00.123456',NULL,NULL);
INSERT INTO "messages" VALUES('ans_0005_clarification','chat_0005_b8','msg_0005_b8','assistant',NULL,'','{"version": 1, "items": []}','[{"seen": "ans_0005_clarification", "text": ""}]','2026-01-05 09:15:00.123456',NULL,NULL);
INSERT INTO "messages" VALUES('msg_0005_b9','chat_0005_b9',NULL,'user',NULL,'?','{"version": 1, "items": []}',NULL,'2026-01-05 09:39:00.123456',NULL,NULL);
INSERT INTO "messages" VALUES('ans_0005_smalltalk','chat_0005_b9','msg_0005_b9','assistant',NULL,'','{"version": 1, "items": []}','[{"seen": "ans_0005_smalltalk", "text": ""}]','2026-01-05 09:16:00.123456',NULL,NULL);
INSERT INTO "messages" VALUES('msg_0005_b10','chat_0005_b10',NULL,'user',NULL,'?','{"version": 1, "items": []}',NULL,'2026-01-05 09:40:00.123456',NULL,NULL);
INSERT INTO "messages" VALUES('ans_0005_interrupted','chat_0005_b10','msg_0005_b10','assistant',NULL,'','{"version": 1, "items": []}','[{"seen": "ans_0005_interrupted", "text": ""}]','2026-01-05 09:17:00.123456',NULL,NULL);
INSERT INTO "messages" VALUES('msg_0005_alone','chat_0005_alone',NULL,'user',NULL,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','{"version": 1, "items": []}',NULL,'2026-01-05 10:00:00.123456',NULL,NULL);
INSERT INTO "messages" VALUES('msg_0005_held','chat_0005_held',NULL,'user',NULL,'?','{"version": 1, "items": []}',NULL,'2026-01-05 10:10:00.123456',NULL,NULL);
INSERT INTO "messages" VALUES('msg_0009_2','chat_0009',NULL,'system',NULL,'You are kind.','{"version": 1, "items": []}',NULL,'2026-03-14 12:01:00.000000',1,NULL);
INSERT INTO "messages" VALUES('msg_0009_3','chat_0009','msg_0009_2','user',NULL,'How often?','{"version": 1, "items": []}',NULL,'2026-03-14 12:01:00.000000',0,NULL);
INSERT INTO "messages" VALUES('msg_0009_4','chat_0009','msg_0009_3','assistant',NULL,'Thinking','{"version": 1, "items": []}',NULL,'2026-03-14 12:01:00.000000',1,NULL);
INSERT INTO "messages" VALUES('msg_0009_5','chat_0009','msg_0009_4','tool',NULL,'result','{"version": 1, "items": []}',NULL,'2026-03-14 12:01:00.000000',1,NULL);
INSERT INTO "messages" VALUES('msg_0009_6','chat_0009','msg_0009_5','assistant',NULL,'Every','{"version": 1, "items": []}',NULL,'2026-03-14 12:02:00.000000',0,NULL);
INSERT INTO "messages" VALUES('msg_0009_7','chat_0009','msg_0009_6','assistant',NULL,'day.','{"version": 1, "items": []}',NULL,'2026-03-14 12:02:00.000000',0,NULL);
INSERT INTO "messages" VALUES('msg_0009_8','chat_0009','msg_0009_7','user',NULL,'Really?','{"version": 1, "items": []}',NULL,'2026-03-14 12:01:00.000000',0,NULL);
INSERT INTO "messages" VALUES('msg_0009_9','chat_0009','msg_0009_8','assistant',NULL,'NUL �, half �, 😀,   '' " \ =1+1

```python
print(1)
```

[a.png]

[b.txt]

the text of b','{"version": 1, "items": []}',NULL,'2026-03-14 12:04:00.000000',0,NULL);
INSERT INTO "messages" VALUES('msg_0009_10','chat_0009','msg_0009_7','user',NULL,'Sure?','{"version": 1, "items": []}',NULL,'2026-03-14 12:03:00.000000',0,NULL);
INSERT INTO "messages" VALUES('msg_0011','chat_0011',NULL,'user',NULL,'?','{"version": 1, "items": []}',NULL,'2026-03-14 12:00:00.000000',0,NULL);
INSERT INTO "messages" VALUES('ans_0011','chat_0011','msg_0011','assistant',NULL,'Every day.','{"version": 1, "items": []}','["what the model saw of 0011"]','2026-03-14 12:00:00.000000',0,NULL);
INSERT INTO "messages" VALUES('msg_d0011','draft_0011',NULL,'user',NULL,'Message 0011','{"version": 1, "items": []}',NULL,'2026-03-14 12:20:00.000000',NULL,NULL);
INSERT INTO "messages" VALUES('reply_0011','draft_0011','msg_d0011','assistant',NULL,'NUL �, half �, 😀,   '' " \ =1+1','{"version": 1, "items": []}','[]','2026-03-14 12:21:00.000000',NULL,'{"version": 1, "items": [{"model": "test", "latency_ms": 7, "created_at": "2026-03-14T12:21:00Z", "input_tokens": 3, "output_tokens": 9, "cost": "0.0012", "interrupted": false, "user_id": "anna", "question": "Message 0011", "prompt_version": "project_draft_chat@1", "tool_calls": [{"name": "update_project_draft", "arguments": "{}", "result": "stored", "failed": false}], "notices": ["a notice"], "reply_id": "reply_0011", "draft_id": "draft_0011", "text": "NUL �, half �, 😀,   '' \" \\ =1+1"}]}');
INSERT INTO "messages" VALUES('msg_0017','chat_0017',NULL,'user',NULL,'?','{"version": 1, "items": []}',NULL,'2026-03-14 12:17:00.000000',0,NULL);
INSERT INTO "messages" VALUES('ans_0017','chat_0017','msg_0017','assistant',NULL,'So.','{"version": 1, "items": []}','[]','2026-03-14 12:17:00.000000',0,NULL);
INSERT INTO "messages" VALUES('msg_0019','chat_0019',NULL,'user',NULL,'?','{"version": 1, "items": []}',NULL,'2026-03-14 12:19:00.000000',0,NULL);
INSERT INTO "messages" VALUES('ans_0019','chat_0019','msg_0019','assistant',NULL,'So.','{"version": 1, "items": []}','["what the model saw of 0019"]','2026-03-14 12:19:00.000000',0,NULL);
INSERT INTO "messages" VALUES('msg_0020','chat_0020',NULL,'user',NULL,'?','{"version": 1, "items": []}',NULL,'2026-03-14 12:20:00.000000',0,NULL);
INSERT INTO "messages" VALUES('ans_0020','chat_0020','msg_0020','assistant',NULL,'So.','{"version": 1, "items": []}','["what the model saw of 0020"]','2026-03-14 12:20:00.000000',0,NULL);
CREATE TABLE model_defaults (
    purpose TEXT NOT NULL,
    model TEXT NOT NULL,
    author TEXT NOT NULL,
    updated_at DATETIME NOT NULL,
    CONSTRAINT pk_model_defaults PRIMARY KEY (purpose)
);
INSERT INTO "model_defaults" VALUES('chat.answer','test:model','anna','2026-03-14 12:00:00.000000');
CREATE TABLE model_outputs (
    "key" TEXT NOT NULL,
    output TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    CONSTRAINT pk_model_outputs PRIMARY KEY ("key")
);
INSERT INTO "model_outputs" VALUES('sha256:0006','{"text": "220 CHF"}','2026-03-14 12:00:00.000000');
INSERT INTO "model_outputs" VALUES('sha256:0006-hostile','NUL �, half �, 😀,   '' " \','2026-03-14 12:00:00.000000');
CREATE TABLE project_draft_versions (
    version_id TEXT NOT NULL,
    draft_id TEXT NOT NULL,
    version_number BIGINT NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    is_manual_edit BOOLEAN NOT NULL,
    created_by TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    CONSTRAINT pk_project_draft_versions PRIMARY KEY (version_id),
    CONSTRAINT uq_project_draft_versions_draft_id_version_number UNIQUE (draft_id, version_number),
    CONSTRAINT fk_project_draft_versions_draft_id_project_drafts FOREIGN KEY(draft_id) REFERENCES project_drafts (draft_id) ON DELETE CASCADE
);
INSERT INTO "project_draft_versions" VALUES('version_0011','draft_0011',1,'Rotation','Description 0011',0,'anna','2026-03-14 12:10:00.000000');
INSERT INTO "project_draft_versions" VALUES('version_hand','draft_0011',2,'NUL �, half �, 😀,   '' " \ =1+1','Description hand',1,'anna','2026-03-14 12:10:00.000000');
CREATE TABLE project_drafts (
    draft_id TEXT NOT NULL,
    active_version_id TEXT,
    CONSTRAINT pk_project_drafts PRIMARY KEY (draft_id),
    CONSTRAINT fk_project_drafts_draft_id_conversations FOREIGN KEY(draft_id) REFERENCES conversations (chat_id) ON DELETE CASCADE
);
INSERT INTO "project_drafts" VALUES('draft_0011','version_hand');
CREATE TABLE projects (
    project_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    revision BIGINT NOT NULL,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    deleted_at DATETIME,
    CONSTRAINT pk_projects PRIMARY KEY (project_id)
);
INSERT INTO "projects" VALUES('project_1','anna','Help desk','For staff.',1,'2026-03-14 12:00:00.000000','2026-03-14 12:00:00.000000',NULL);
INSERT INTO "projects" VALUES('project_2','anna','NUL �, half �, 😀,   '' " \','For staff.',1,'2026-03-14 12:00:00.000000','2026-03-14 12:00:00.000000','2026-03-14 12:01:00.000000');
CREATE TABLE prompt_cases (
    case_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    owner TEXT NOT NULL,
    success_criteria TEXT NOT NULL,
    default_assertions JSON NOT NULL,
    default_dataset_id TEXT,
    revision BIGINT NOT NULL,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    deleted_at DATETIME,
    CONSTRAINT pk_prompt_cases PRIMARY KEY (case_id),
    CONSTRAINT fk_prompt_cases_project_id_projects FOREIGN KEY(project_id) REFERENCES projects (project_id)
);
INSERT INTO "prompt_cases" VALUES('case_of_project_1','project_1','anna','Refunds','Who gets one.','Ada','Nine of ten are right.','{"version": 1, "items": [{"type": "assert-set", "value": null, "threshold": 0.5, "weight": 1.0, "required": false, "metric": null, "judge": null, "config": {"deep": {"er": [null]}}, "assertions": [{"type": "not-contains", "value": ["a", 1], "threshold": null, "weight": 1.0, "required": true, "metric": null, "judge": null, "config": {}, "assertions": []}]}]}','dataset_1',1,'2026-03-14 12:00:00.000000','2026-03-14 12:00:00.000000',NULL);
INSERT INTO "prompt_cases" VALUES('case_of_project_2','project_2','anna','Refunds','Who gets one.','Ada','Nine of ten are right.','{"version": 1, "items": [{"type": "assert-set", "value": null, "threshold": 0.5, "weight": 1.0, "required": false, "metric": null, "judge": null, "config": {"deep": {"er": [null]}}, "assertions": [{"type": "not-contains", "value": ["a", 1], "threshold": null, "weight": 1.0, "required": true, "metric": null, "judge": null, "config": {}, "assertions": []}]}]}','dataset_1',1,'2026-03-14 12:00:00.000000','2026-03-14 12:00:00.000000','2026-03-14 12:01:00.000000');
CREATE TABLE prompt_labels (
    prompt_id TEXT NOT NULL,
    label TEXT NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT pk_prompt_labels PRIMARY KEY (prompt_id, label),
    CONSTRAINT fk_prompt_labels_prompt_id_prompts FOREIGN KEY(prompt_id) REFERENCES prompts (prompt_id)
);
INSERT INTO "prompt_labels" VALUES('prompt_1','production',2);
INSERT INTO "prompt_labels" VALUES('prompt_own','production',2);
CREATE TABLE prompt_tags (
    tag TEXT NOT NULL,
    prompt_id TEXT NOT NULL,
    CONSTRAINT pk_prompt_tags PRIMARY KEY (tag, prompt_id),
    CONSTRAINT fk_prompt_tags_prompt_id_prompts FOREIGN KEY(prompt_id) REFERENCES prompts (prompt_id)
);
INSERT INTO "prompt_tags" VALUES('long','prompt_1');
INSERT INTO "prompt_tags" VALUES('text','prompt_1');
INSERT INTO "prompt_tags" VALUES('long','prompt_gone');
INSERT INTO "prompt_tags" VALUES('text','prompt_gone');
CREATE TABLE prompt_versions (
    prompt_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    digest TEXT NOT NULL,
    content JSON NOT NULL,
    message TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    CONSTRAINT pk_prompt_versions PRIMARY KEY (prompt_id, number),
    CONSTRAINT fk_prompt_versions_prompt_id_prompts FOREIGN KEY(prompt_id) REFERENCES prompts (prompt_id)
);
INSERT INTO "prompt_versions" VALUES('prompt_1',1,'047a0bfc1db3be913a66dec73987f34e45c554bccc39b814789cdf7b69538c6b','{"version": 1, "items": [{"messages": [{"role": "system", "content": "One."}], "variables": [], "settings": {}, "syntax": "plain"}]}','why','anna','2026-03-14 12:00:00.000000');
INSERT INTO "prompt_versions" VALUES('prompt_1',2,'5eec8045d628a32a068d5928565298fbad42656fa56f8f6d6f0ec4cdc0aa071c','{"version": 1, "items": [{"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Sum up: {{ text }} \u2602"}], "variables": [{"name": "text", "type": "string", "default": "nothing", "description": "What is summed up."}], "settings": {"temperature": 0.5, "stop_sequences": ["END"]}, "syntax": "mustache"}]}','why','anna','2026-03-14 12:00:00.000000');
INSERT INTO "prompt_versions" VALUES('prompt_own',1,'047a0bfc1db3be913a66dec73987f34e45c554bccc39b814789cdf7b69538c6b','{"version": 1, "items": [{"messages": [{"role": "system", "content": "One."}], "variables": [], "settings": {}, "syntax": "plain"}]}','why','anna','2026-03-14 12:00:00.000000');
INSERT INTO "prompt_versions" VALUES('prompt_own',2,'5eec8045d628a32a068d5928565298fbad42656fa56f8f6d6f0ec4cdc0aa071c','{"version": 1, "items": [{"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Sum up: {{ text }} \u2602"}], "variables": [{"name": "text", "type": "string", "default": "nothing", "description": "What is summed up."}], "settings": {"temperature": 0.5, "stop_sequences": ["END"]}, "syntax": "mustache"}]}','why','anna','2026-03-14 12:00:00.000000');
INSERT INTO "prompt_versions" VALUES('prompt_gone',1,'047a0bfc1db3be913a66dec73987f34e45c554bccc39b814789cdf7b69538c6b','{"version": 1, "items": [{"messages": [{"role": "system", "content": "One."}], "variables": [], "settings": {}, "syntax": "plain"}]}','why','anna','2026-03-14 12:00:00.000000');
INSERT INTO "prompt_versions" VALUES('prompt_gone',2,'5eec8045d628a32a068d5928565298fbad42656fa56f8f6d6f0ec4cdc0aa071c','{"version": 1, "items": [{"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Sum up: {{ text }} \u2602"}], "variables": [{"name": "text", "type": "string", "default": "nothing", "description": "What is summed up."}], "settings": {"temperature": 0.5, "stop_sequences": ["END"]}, "syntax": "mustache"}]}','why','anna','2026-03-14 12:00:00.000000');
CREATE TABLE prompts (
    prompt_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    purpose TEXT,
    case_id TEXT,
    tags JSON NOT NULL,
    revision BIGINT NOT NULL,
    latest BIGINT NOT NULL,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    deleted_at DATETIME,
    CONSTRAINT pk_prompts PRIMARY KEY (prompt_id),
    CONSTRAINT uq_prompts_purpose UNIQUE (purpose)
);
INSERT INTO "prompts" VALUES('prompt_1','anna','Summary','Of a long text.',NULL,'case_1','{"version": 1, "items": ["long", "text"]}',1,2,'2026-03-14 12:00:00.000000','2026-03-14 12:00:00.000000',NULL);
INSERT INTO "prompts" VALUES('prompt_own','anna','Own','Of a long text.','chat.answer',NULL,'{"version": 1, "items": []}',1,2,'2026-03-14 12:00:00.000000','2026-03-14 12:00:00.000000',NULL);
INSERT INTO "prompts" VALUES('prompt_gone','anna','NUL �, half �, 😀,   '' " \','Of a long text.',NULL,'case_1','{"version": 1, "items": ["long", "text"]}',1,2,'2026-03-14 12:00:00.000000','2026-03-14 12:00:00.000000','2026-03-14 12:02:00.000000');
CREATE TABLE rates (
    name TEXT NOT NULL,
    full_at DATETIME NOT NULL,
    CONSTRAINT pk_rates PRIMARY KEY (name)
);
INSERT INTO "rates" VALUES('asks/key_0005','2026-01-05 09:50:04.123456');
CREATE TABLE relayed_pieces (
    turn_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    text TEXT,
    asked_at DATETIME,
    CONSTRAINT pk_relayed_pieces PRIMARY KEY (turn_id, place)
);
INSERT INTO "relayed_pieces" VALUES('ans_0018',0,NULL,'2026-03-14 12:00:00.000000');
INSERT INTO "relayed_pieces" VALUES('ans_0018',1,'data: {"type":"start"}

',NULL);
CREATE TABLE report_links (
    link_id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    redaction JSON NOT NULL,
    created_at DATETIME NOT NULL,
    expires_at DATETIME NOT NULL,
    digest TEXT NOT NULL,
    revoked_at DATETIME,
    CONSTRAINT pk_report_links PRIMARY KEY (link_id),
    CONSTRAINT fk_report_links_run_id_jobs FOREIGN KEY(run_id) REFERENCES jobs (job_id) ON DELETE CASCADE
);
INSERT INTO "report_links" VALUES('link_0','job_complete','anna','{"version": 1, "items": [{"outputs": false, "variables": false, "reasons": false, "prompts": false}]}','2026-03-14 12:00:00.000000','2026-03-14 12:01:00.000000','0000000000000000000000000000000000000000000000000000000000000000',NULL);
INSERT INTO "report_links" VALUES('link_1','job_interrupted','anna','{"version": 1, "items": [{"outputs": true, "variables": false, "reasons": false, "prompts": false}]}','2026-03-14 12:00:00.000000','2026-03-14 12:02:00.000000','1111111111111111111111111111111111111111111111111111111111111111','2026-03-14 12:00:00.000000');
CREATE TABLE responses (
    question TEXT NOT NULL,
    sources JSON NOT NULL,
    tool_calls JSON NOT NULL,
    notices JSON NOT NULL,
    model TEXT NOT NULL,
    prompt_version TEXT NOT NULL,
    input_tokens BIGINT,
    output_tokens BIGINT,
    cost TEXT,
    latency_ms BIGINT NOT NULL,
    created_at DATETIME NOT NULL,
    interrupted BOOLEAN NOT NULL,
    door TEXT NOT NULL,
    response_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    profile TEXT NOT NULL,
    web_search_used BOOLEAN NOT NULL,
    stated_bp BIGINT,
    calibrated_bp BIGINT,
    outcome TEXT NOT NULL,
    feedback_at DATETIME,
    helpful BOOLEAN,
    event_key TEXT,
    event_ends DATE,
    period BIGINT,
    phrase_key TEXT,
    phrase TEXT,
    phrase_capped BOOLEAN,
    calibration_id TEXT,
    profile_version TEXT NOT NULL,
    prompt_type TEXT NOT NULL,
    search_decision TEXT NOT NULL,
    freshness TEXT NOT NULL,
    advice_outcome TEXT NOT NULL,
    choice TEXT,
    feedback_notes TEXT,
    main_advice TEXT NOT NULL,
    reasoning TEXT NOT NULL,
    alternatives JSON NOT NULL,
    base_right BIGINT,
    base_n BIGINT,
    CONSTRAINT pk_responses PRIMARY KEY (response_id),
    CONSTRAINT fk_responses_user_id_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON DELETE CASCADE
);
INSERT INTO "responses" VALUES('Start Amon-Ra St. Brown or Müller in week 10? 🏈','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 3, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_8", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 3, "superseded_by": "doc_9"}, "section": "", "page": null, "quotes": [{"sentence": {"start": 26, "end": 58}, "span": null, "text": "n = 14", "support": 0.1, "weak": true}], "sql": "SELECT count(*) AS n FROM trips WHERE night < 220"}]}','{"version": 1, "items": [{"name": "search_knowledge_base", "arguments": "{\"query\": \"hotel\"}", "result": "[1] \u2026", "failed": false}, {"name": "lookup_structured_data", "arguments": "{}", "result": "no such column", "failed": true}]}','{"version": 1, "items": ["Fresh facts could not be had."]}','openai:gpt-4.1-mini','advice-1',1834,0,'0.000123456789012345678901',2150,'2026-01-05 09:00:00.123456',1,'http','resp_0005_full','anna','fantasy-nfl',1,8500,6123,'wrong','2026-03-17 09:00:00.000000',0,'fantasy-nfl:10:muller+st-brown','2026-03-16',10,'likely','Likely',1,'cal_7','nfl-1a2b','short','mandatory','unverified','conflict','Amon-Ra St. Brown','Fumbled — twice.','Start St. Brown [1].','He is projected higher [1], and 14 of 20 such pairs held [2].','{"version": 1, "items": [{"option": "M\u00fcller", "reason": "A harder opponent."}, {"option": "Bench", "reason": ""}]}',110,199);
INSERT INTO "responses" VALUES('?','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:adviser','advice-1',NULL,NULL,NULL,0,'2026-01-05 09:01:00.123456',0,'http','resp_0005_bare','anna','general',0,NULL,NULL,'pending',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'general-1','default','default_no','not_needed','not_found',NULL,'only a word','','','{"version": 1, "items": []}',NULL,NULL);
INSERT INTO "responses" VALUES('a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 3, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_8", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 3, "superseded_by": "doc_9"}, "section": "", "page": null, "quotes": [{"sentence": {"start": 26, "end": 58}, "span": null, "text": "n = 14", "support": 0.1, "weak": true}], "sql": "SELECT count(*) AS n FROM trips WHERE night < 220"}]}','{"version": 1, "items": [{"name": "search_knowledge_base", "arguments": "{\"query\": \"hotel\"}", "result": "[1] \u2026", "failed": false}, {"name": "lookup_structured_data", "arguments": "{}", "result": "no such column", "failed": true}]}','{"version": 1, "items": ["a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028"]}','openai:gpt-4.1-mini','advice-1',1834,0,'0.000123456789012345678901',2150,'2026-01-05 09:02:00.123456',0,'http','resp_0005_ugly','anna','fantasy-nfl',1,0,10000,'void','2026-01-05 10:43:00.123456',0,'fantasy-nfl:10:muller+st-brown','2026-03-16',10,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ',0,NULL,'nfl-1a2b','short','mandatory','unverified','conflict','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ',NULL,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','{"version": 1, "items": [{"option": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "reason": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028"}]}',NULL,NULL);
INSERT INTO "responses" VALUES('?','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:adviser','advice-1',NULL,NULL,NULL,0,'2026-01-05 09:10:00.123456',0,'http','resp_0005_answered','boris','general',0,0,1,'right','2026-01-05 10:45:00.123456',NULL,NULL,NULL,NULL,'k','p',0,NULL,'general-1','default','default_no','not_needed','answered',NULL,NULL,'','','{"version": 1, "items": []}',NULL,NULL);
INSERT INTO "responses" VALUES('?','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:adviser','advice-1',NULL,NULL,NULL,0,'2026-01-05 09:11:00.123456',0,'http','resp_0005_tentative','boris','general',0,1,2,'pending',NULL,NULL,NULL,NULL,NULL,'k','p',0,NULL,'general-1','default','default_no','verified','tentative',NULL,NULL,'','','{"version": 1, "items": []}',NULL,NULL);
INSERT INTO "responses" VALUES('?','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:adviser','advice-1',NULL,NULL,NULL,0,'2026-01-05 09:12:00.123456',0,'http','resp_0005_not_found','boris','general',0,2,3,'pending',NULL,NULL,NULL,NULL,NULL,'k','p',0,NULL,'general-1','default','default_no','unverified','not_found',NULL,NULL,'','','{"version": 1, "items": []}',NULL,NULL);
INSERT INTO "responses" VALUES('?','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:adviser','advice-1',NULL,NULL,NULL,0,'2026-01-05 09:13:00.123456',0,'http','resp_0005_refused','boris','general',0,3,4,'pending',NULL,NULL,NULL,NULL,NULL,'k','p',0,NULL,'general-1','default','default_no','not_needed','refused',NULL,NULL,'','','{"version": 1, "items": []}',NULL,NULL);
INSERT INTO "responses" VALUES('?','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:adviser','advice-1',NULL,NULL,NULL,0,'2026-01-05 09:14:00.123456',0,'http','resp_0005_conflict','boris','general',0,4,5,'pending',NULL,NULL,NULL,NULL,NULL,'k','p',0,NULL,'general-1','default','default_no','verified','conflict',NULL,NULL,'','','{"version": 1, "items": []}',NULL,NULL);
INSERT INTO "responses" VALUES('?','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:adviser','advice-1',NULL,NULL,NULL,0,'2026-01-05 09:15:00.123456',0,'http','resp_0005_clarification','boris','general',0,5,6,'pending',NULL,NULL,NULL,NULL,NULL,'k','p',0,NULL,'general-1','default','default_no','unverified','clarification',NULL,NULL,'','','{"version": 1, "items": []}',NULL,NULL);
INSERT INTO "responses" VALUES('?','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:adviser','advice-1',NULL,NULL,NULL,0,'2026-01-05 09:16:00.123456',0,'http','resp_0005_smalltalk','boris','general',0,6,7,'pending',NULL,NULL,NULL,NULL,NULL,'k','p',0,NULL,'general-1','default','default_no','not_needed','smalltalk',NULL,NULL,'','','{"version": 1, "items": []}',NULL,NULL);
INSERT INTO "responses" VALUES('?','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:adviser','advice-1',NULL,NULL,NULL,0,'2026-01-05 09:17:00.123456',0,'http','resp_0005_interrupted','boris','general',0,7,8,'pending',NULL,NULL,NULL,NULL,NULL,'k','p',0,NULL,'general-1','default','default_no','verified','interrupted',NULL,NULL,'','','{"version": 1, "items": []}',NULL,NULL);
CREATE TABLE sign_in_attempts (
    digest TEXT NOT NULL,
    expires_at DATETIME NOT NULL,
    return_to TEXT,
    CONSTRAINT pk_sign_in_attempts PRIMARY KEY (digest)
);
INSERT INTO "sign_in_attempts" VALUES('a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7','2026-04-03 09:30:00.000000','/chats');
CREATE TABLE summary_submissions (
    run_id TEXT NOT NULL,
    external_id TEXT NOT NULL,
    submitted_at DATETIME NOT NULL,
    CONSTRAINT pk_summary_submissions PRIMARY KEY (run_id),
    CONSTRAINT fk_summary_submissions_run_id_jobs FOREIGN KEY(run_id) REFERENCES jobs (job_id) ON DELETE CASCADE
);
INSERT INTO "summary_submissions" VALUES('job_complete','7','2026-03-14 12:00:00.000000');
CREATE TABLE tuning_notes (
    note_id TEXT NOT NULL,
    profile TEXT NOT NULL,
    action TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    from_version TEXT,
    to_version TEXT,
    reason TEXT NOT NULL,
    CONSTRAINT pk_tuning_notes PRIMARY KEY (note_id)
);
INSERT INTO "tuning_notes" VALUES('note_0005_0','fantasy-0005','applied','anna','2026-01-05 12:20:00.123456',NULL,'cal_0005_1','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
INSERT INTO "tuning_notes" VALUES('note_0005_1','fantasy-0005','applied','anna','2026-01-05 12:21:00.123456','cal_0005_1','cal_0005_2','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
INSERT INTO "tuning_notes" VALUES('note_0005_2','fantasy-0005','rolled_back','anna','2026-01-05 12:22:00.123456','cal_0005_2','cal_0005_3','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
INSERT INTO "tuning_notes" VALUES('note_0005_10','fantasy-0005','dry_run','anna','2026-01-05 12:30:00.123456','x',NULL,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
INSERT INTO "tuning_notes" VALUES('note_0005_11','fantasy-0005','applied','anna','2026-01-05 12:31:00.123456',NULL,'y','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
INSERT INTO "tuning_notes" VALUES('note_0005_12','fantasy-0005','not_applied','anna','2026-01-05 12:32:00.123456','x',NULL,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
INSERT INTO "tuning_notes" VALUES('note_0005_13','fantasy-0005','conflict','anna','2026-01-05 12:33:00.123456',NULL,'y','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
INSERT INTO "tuning_notes" VALUES('note_0005_14','fantasy-0005','rolled_back','anna','2026-01-05 12:34:00.123456','x',NULL,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
CREATE TABLE user_sessions (
    digest TEXT NOT NULL,
    user_id TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    expires_at DATETIME NOT NULL,
    seen_at DATETIME NOT NULL,
    CONSTRAINT pk_user_sessions PRIMARY KEY (digest),
    CONSTRAINT fk_user_sessions_user_id_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON DELETE CASCADE
);
INSERT INTO "user_sessions" VALUES('5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e','user_ada','2026-04-02 09:30:00.000000','2026-04-03 09:30:00.000000','2026-04-02 09:30:00.000000');
CREATE TABLE users (
    user_id TEXT NOT NULL,
    name TEXT,
    email TEXT,
    created_at DATETIME NOT NULL,
    issuer TEXT,
    subject TEXT,
    is_admin BOOLEAN,
    deactivated_at DATETIME,
    CONSTRAINT pk_users PRIMARY KEY (user_id),
    CONSTRAINT uq_users_email UNIQUE (email)
);
INSERT INTO "users" VALUES('anna','Anna — Zürich','anna@example.com','2026-01-05 09:00:00.123456',NULL,NULL,NULL,NULL);
INSERT INTO "users" VALUES('boris',NULL,NULL,'2026-01-05 09:01:00.123456',NULL,NULL,NULL,NULL);
INSERT INTO "users" VALUES('user_ada','NUL �, half �, 😀,   '' " \ =1+1','ada@example.com','2026-04-02 09:30:00.000000','https://accounts.example','1001',1,'2026-04-02 09:30:00.000000');
CREATE INDEX ix_calibration_versions_profile_created_at_version_id ON calibration_versions (profile, created_at, version_id);
CREATE INDEX ix_datasets_case_id ON datasets (case_id);
CREATE INDEX ix_datasets_created_at_dataset_id ON datasets (created_at, dataset_id);
CREATE INDEX ix_jobs_kind_created_at_job_id ON jobs (kind, created_at, job_id);
CREATE INDEX ix_leases_name ON leases (name);
CREATE INDEX ix_projects_created_at_project_id ON projects (created_at, project_id);
CREATE INDEX ix_prompts_case_id ON prompts (case_id);
CREATE INDEX ix_prompts_created_at_prompt_id ON prompts (created_at, prompt_id);
CREATE INDEX ix_sign_in_attempts_expires_at ON sign_in_attempts (expires_at);
CREATE INDEX ix_tuning_notes_profile_created_at_note_id ON tuning_notes (profile, created_at, note_id);
CREATE UNIQUE INDEX ix_users_issuer_subject ON users (issuer, subject);
CREATE INDEX ix_api_keys_user_id ON api_keys (user_id);
CREATE UNIQUE INDEX ix_conversations_draft_of ON conversations (draft_of);
CREATE INDEX ix_conversations_updated_at_chat_id ON conversations (updated_at, chat_id);
CREATE INDEX ix_conversations_user_id_updated_at_chat_id ON conversations (user_id, updated_at, chat_id);
CREATE UNIQUE INDEX ix_dataset_items_dataset_id_key_since ON dataset_items (dataset_id, "key", since);
CREATE INDEX ix_job_items_job_id_state_place ON job_items (job_id, state, place);
CREATE INDEX ix_job_items_job_id_tick ON job_items (job_id, tick);
CREATE INDEX ix_label_moves_prompt_id_moved_at_move_id ON label_moves (prompt_id, moved_at, move_id);
CREATE INDEX ix_prompt_cases_project_id_created_at_case_id ON prompt_cases (project_id, created_at, case_id);
CREATE UNIQUE INDEX ix_prompt_versions_prompt_id_digest ON prompt_versions (prompt_id, digest);
CREATE UNIQUE INDEX ix_report_links_digest ON report_links (digest);
CREATE INDEX ix_report_links_run_id ON report_links (run_id);
CREATE INDEX ix_responses_created_at_response_id ON responses (created_at, response_id);
CREATE INDEX ix_responses_profile_created_at_response_id ON responses (profile, created_at, response_id);
CREATE INDEX ix_responses_user_id_created_at_response_id ON responses (user_id, created_at, response_id);
CREATE INDEX ix_user_sessions_expires_at ON user_sessions (expires_at);
CREATE INDEX ix_user_sessions_user_id ON user_sessions (user_id);
CREATE INDEX ix_answers_chat_id ON answers (chat_id);
CREATE INDEX ix_answers_created_at_answer_id ON answers (created_at, answer_id);
CREATE INDEX ix_answers_user_id_created_at_answer_id ON answers (user_id, created_at, answer_id);
CREATE INDEX ix_file_attachments_chat_id_created_at_file_id_summarised_at ON file_attachments (chat_id, created_at, file_id, summarised_at);
CREATE INDEX ix_imports_user_id_raw_digest ON imports (user_id, raw_digest);
CREATE INDEX ix_imports_user_id_url ON imports (user_id, url);
CREATE INDEX ix_messages_chat_id_created_at_message_id ON messages (chat_id, created_at, message_id);
CREATE INDEX ix_messages_parent_id ON messages (parent_id);
CREATE TRIGGER conversations_inserted AFTER INSERT ON conversations BEGIN INSERT INTO conversation_changes (chat_id, token) SELECT coalesce(coalesce(NEW.draft_of, NEW.chat_id), ''), hex(randomblob(8)); DELETE FROM conversation_changes WHERE change_id <= (SELECT max(change_id) FROM conversation_changes) - 10000; END;
CREATE TRIGGER conversations_changed AFTER UPDATE OF updated_at, leaf_id, title, locked_at, user_id, draft_of ON conversations BEGIN INSERT INTO conversation_changes (chat_id, token) SELECT coalesce(coalesce(NEW.draft_of, NEW.chat_id), ''), hex(randomblob(8)); DELETE FROM conversation_changes WHERE change_id <= (SELECT max(change_id) FROM conversation_changes) - 10000; END;
CREATE TRIGGER conversations_removed AFTER DELETE ON conversations BEGIN INSERT INTO conversation_changes (chat_id, token) SELECT coalesce(coalesce(OLD.draft_of, OLD.chat_id), ''), hex(randomblob(8)); DELETE FROM conversation_changes WHERE change_id <= (SELECT max(change_id) FROM conversation_changes) - 10000; END;
CREATE TRIGGER imports_inserted AFTER INSERT ON imports BEGIN INSERT INTO conversation_changes (chat_id, token) SELECT coalesce(NEW.chat_id, ''), hex(randomblob(8)); DELETE FROM conversation_changes WHERE change_id <= (SELECT max(change_id) FROM conversation_changes) - 10000; END;
CREATE TRIGGER imports_changed AFTER UPDATE ON imports BEGIN INSERT INTO conversation_changes (chat_id, token) SELECT coalesce(NEW.chat_id, ''), hex(randomblob(8)); DELETE FROM conversation_changes WHERE change_id <= (SELECT max(change_id) FROM conversation_changes) - 10000; END;
CREATE TRIGGER imports_removed AFTER DELETE ON imports BEGIN INSERT INTO conversation_changes (chat_id, token) SELECT coalesce(OLD.chat_id, ''), hex(randomblob(8)); DELETE FROM conversation_changes WHERE change_id <= (SELECT max(change_id) FROM conversation_changes) - 10000; END;
CREATE TRIGGER file_attachments_inserted AFTER INSERT ON file_attachments BEGIN INSERT INTO conversation_changes (chat_id, token) SELECT coalesce(NEW.chat_id, ''), hex(randomblob(8)); DELETE FROM conversation_changes WHERE change_id <= (SELECT max(change_id) FROM conversation_changes) - 10000; END;
CREATE TRIGGER file_attachments_changed AFTER UPDATE ON file_attachments BEGIN INSERT INTO conversation_changes (chat_id, token) SELECT coalesce(NEW.chat_id, ''), hex(randomblob(8)); DELETE FROM conversation_changes WHERE change_id <= (SELECT max(change_id) FROM conversation_changes) - 10000; END;
CREATE TRIGGER file_attachments_removed AFTER DELETE ON file_attachments BEGIN INSERT INTO conversation_changes (chat_id, token) SELECT coalesce(OLD.chat_id, ''), hex(randomblob(8)); DELETE FROM conversation_changes WHERE change_id <= (SELECT max(change_id) FROM conversation_changes) - 10000; END;
CREATE TRIGGER project_drafts_inserted AFTER INSERT ON project_drafts BEGIN INSERT INTO conversation_changes (chat_id, token) SELECT coalesce((SELECT coalesce(c.draft_of, c.chat_id) FROM conversations c WHERE c.chat_id = NEW.draft_id), ''), hex(randomblob(8)); DELETE FROM conversation_changes WHERE change_id <= (SELECT max(change_id) FROM conversation_changes) - 10000; END;
CREATE TRIGGER project_drafts_changed AFTER UPDATE ON project_drafts BEGIN INSERT INTO conversation_changes (chat_id, token) SELECT coalesce((SELECT coalesce(c.draft_of, c.chat_id) FROM conversations c WHERE c.chat_id = NEW.draft_id), ''), hex(randomblob(8)); DELETE FROM conversation_changes WHERE change_id <= (SELECT max(change_id) FROM conversation_changes) - 10000; END;
CREATE TRIGGER project_drafts_removed AFTER DELETE ON project_drafts BEGIN INSERT INTO conversation_changes (chat_id, token) SELECT coalesce((SELECT coalesce(c.draft_of, c.chat_id) FROM conversations c WHERE c.chat_id = OLD.draft_id), ''), hex(randomblob(8)); DELETE FROM conversation_changes WHERE change_id <= (SELECT max(change_id) FROM conversation_changes) - 10000; END;
CREATE TRIGGER conversation_projects_inserted AFTER INSERT ON conversation_projects BEGIN INSERT INTO conversation_changes (chat_id, token) SELECT coalesce(NEW.conversation_id, ''), hex(randomblob(8)); DELETE FROM conversation_changes WHERE change_id <= (SELECT max(change_id) FROM conversation_changes) - 10000; END;
CREATE TRIGGER conversation_projects_changed AFTER UPDATE ON conversation_projects BEGIN INSERT INTO conversation_changes (chat_id, token) SELECT coalesce(NEW.conversation_id, ''), hex(randomblob(8)); DELETE FROM conversation_changes WHERE change_id <= (SELECT max(change_id) FROM conversation_changes) - 10000; END;
CREATE TRIGGER conversation_projects_removed AFTER DELETE ON conversation_projects BEGIN INSERT INTO conversation_changes (chat_id, token) SELECT coalesce(OLD.conversation_id, ''), hex(randomblob(8)); DELETE FROM conversation_changes WHERE change_id <= (SELECT max(change_id) FROM conversation_changes) - 10000; END;
COMMIT;

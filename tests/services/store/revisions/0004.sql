BEGIN TRANSACTION;
CREATE TABLE "answers" (
	answer_id TEXT NOT NULL, 
	user_id TEXT NOT NULL, 
	question TEXT NOT NULL, 
	category TEXT, 
	text TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
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
	chat_id TEXT, 
	CONSTRAINT pk_answers PRIMARY KEY (answer_id), 
	CONSTRAINT fk_answers_chat_id_conversations FOREIGN KEY(chat_id) REFERENCES conversations (chat_id) ON DELETE CASCADE
);
INSERT INTO "answers" VALUES('ans_0004_full','anna','How much is a night in Zürich — 180 or 220?','policies','Up to 220 CHF a night [1], 14 of 20 trips stayed below [2].','conflict','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 3, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_8", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 3, "superseded_by": "doc_9"}, "section": "", "page": null, "quotes": [{"sentence": {"start": 26, "end": 58}, "span": null, "text": "n = 14", "support": 0.1, "weak": true}], "sql": "SELECT count(*) AS n FROM trips WHERE night < 220"}]}','{"version": 1, "items": [{"name": "search_knowledge_base", "arguments": "{\"query\": \"hotel\"}", "result": "[1] \u2026", "failed": false}, {"name": "lookup_structured_data", "arguments": "{}", "result": "no such column", "failed": true}]}','{"version": 1, "items": ["The search ran without vectors."]}','openai:gpt-4.1-mini','chat-3',1834,0,'0.000123456789012345678901',2150,'2026-01-04 09:00:00.123456',1,'chat_0004_a0');
INSERT INTO "answers" VALUES('ans_0004_bare','anna','?',NULL,'','not_found','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',NULL,NULL,NULL,0,'2026-01-04 09:01:00.123456',0,'chat_0004_a0');
INSERT INTO "answers" VALUES('ans_0004_ugly','anna','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','conflict','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "title": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 3, "superseded_by": null}, "section": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "support": 0.75, "weak": false}, {"sentence": {"start": 26, "end": 58}, "span": null, "text": "n = 14", "support": 0.1, "weak": true}], "sql": null}]}','{"version": 1, "items": [{"name": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "arguments": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "result": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "failed": true}, {"name": "search_knowledge_base", "arguments": "{\"query\": \"hotel\"}", "result": "[1] \u2026", "failed": false}, {"name": "lookup_structured_data", "arguments": "{}", "result": "no such column", "failed": true}]}','{"version": 1, "items": ["a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", ""]}','openai:gpt-4.1-mini','chat-3',1834,0,'0.000123456789012345678901',2150,'2026-01-04 09:02:00.123456',1,'chat_0004_a0');
INSERT INTO "answers" VALUES('ans_0004_again','anna','?',NULL,'Again.','not_found','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',NULL,NULL,NULL,0,'2026-01-04 09:20:00.123456',0,'chat_0004_a0');
INSERT INTO "answers" VALUES('ans_0004_edited','anna','?',NULL,'Edited.','not_found','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',NULL,NULL,NULL,0,'2026-01-04 09:21:00.123456',0,'chat_0004_a0');
INSERT INTO "answers" VALUES('ans_0004_answered','boris','?',NULL,'','answered','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 0, "superseded_by": "doc_9"}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "git", "authority": 1, "superseded_by": "doc_9"}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 3, "kind": "web", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "file", "authority": 2, "superseded_by": "doc_9"}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 4, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "upload", "authority": 3, "superseded_by": "doc_9"}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 5, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "fetched", "authority": 0, "superseded_by": "doc_9"}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}]}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',1099511627776,0,'1E+3',8589934592,'2026-01-04 09:10:00.123456',0,'chat_0004_b3');
INSERT INTO "answers" VALUES('ans_0004_tentative','boris','?',NULL,'','tentative','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "git", "authority": 1, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 3, "kind": "web", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "file", "authority": 2, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 4, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "upload", "authority": 3, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 5, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "fetched", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}]}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',1099511627776,1,'0',8589934592,'2026-01-04 09:11:00.123456',0,'chat_0004_b4');
INSERT INTO "answers" VALUES('ans_0004_not_found','boris','?',NULL,'','not_found','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "git", "authority": 1, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 3, "kind": "web", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "file", "authority": 2, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 4, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "upload", "authority": 3, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 5, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "fetched", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}]}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',1099511627776,2,'0',8589934592,'2026-01-04 09:12:00.123456',0,'chat_0004_b5');
INSERT INTO "answers" VALUES('ans_0004_refused','boris','?',NULL,'','refused','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "git", "authority": 1, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 3, "kind": "web", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "file", "authority": 2, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 4, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "upload", "authority": 3, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 5, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "fetched", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}]}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',1099511627776,3,'0',8589934592,'2026-01-04 09:13:00.123456',0,'chat_0004_b6');
INSERT INTO "answers" VALUES('ans_0004_conflict','boris','?',NULL,'','conflict','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "git", "authority": 1, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 3, "kind": "web", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "file", "authority": 2, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 4, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "upload", "authority": 3, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 5, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "fetched", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}]}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',1099511627776,4,'0',8589934592,'2026-01-04 09:14:00.123456',0,'chat_0004_b7');
INSERT INTO "answers" VALUES('ans_0004_clarification','boris','?',NULL,'','clarification','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "git", "authority": 1, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 3, "kind": "web", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "file", "authority": 2, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 4, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "upload", "authority": 3, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 5, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "fetched", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}]}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',1099511627776,5,'0',8589934592,'2026-01-04 09:15:00.123456',0,'chat_0004_b8');
INSERT INTO "answers" VALUES('ans_0004_smalltalk','boris','?',NULL,'','smalltalk','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "git", "authority": 1, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 3, "kind": "web", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "file", "authority": 2, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 4, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "upload", "authority": 3, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 5, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "fetched", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}]}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',1099511627776,6,'0',8589934592,'2026-01-04 09:16:00.123456',0,'chat_0004_b9');
INSERT INTO "answers" VALUES('ans_0004_interrupted','boris','?',NULL,'','interrupted','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "git", "authority": 1, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 3, "kind": "web", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "file", "authority": 2, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 4, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "upload", "authority": 3, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 5, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "fetched", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}]}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',1099511627776,7,'0',8589934592,'2026-01-04 09:17:00.123456',0,'chat_0004_b10');
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
	CONSTRAINT pk_api_keys PRIMARY KEY (key_id), 
	CONSTRAINT uq_api_keys_prefix UNIQUE (prefix), 
	CONSTRAINT fk_api_keys_user_id_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON DELETE CASCADE
);
INSERT INTO "api_keys" VALUES('key_0004','pre0004abc','5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d','anna','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','["advice", "advice:tune", "chat", "knowledge:read", "knowledge:write", "metrics"]','2026-01-04 09:00:00.123456','2026-01-10 15:00:00.123456','2026-01-04 09:07:00.123456',NULL);
INSERT INTO "api_keys" VALUES('key_0004_b','pre0004abd','5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d','boris','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','[]','2026-01-04 09:01:00.123456',NULL,NULL,'2026-01-04 09:08:00.123456');
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
INSERT INTO "calibration_versions" VALUES('cal_0004_1',NULL,'fantasy-0004','tuned','{"version": 1, "items": [{"model": "openai:gpt-4.1", "prompt_version": "advice-1", "intercept": -0.1, "slope": 0.30000000000000004, "n": 212, "effect": -0.031, "effect_low": -0.05, "effect_high": -0.012, "stated_from": 0.55, "stated_to": 0.30000000000000004}, {"model": "openai:gpt-4.1", "prompt_version": null, "intercept": 3.141592653589793, "slope": 0.3333333333333333, "n": 700, "effect": 5e-324, "effect_low": -0.0, "effect_high": 1.7976931348623157e+308, "stated_from": 0.55, "stated_to": 0.30000000000000004}, {"model": null, "prompt_version": null, "intercept": 0.0, "slope": 1.0, "n": 0, "effect": 0.30000000000000004, "effect_low": 1e-17, "effect_high": 5e-324, "stated_from": null, "stated_to": null}]}','anna','2026-01-04 12:20:00.123456',912,'2026-01-01 00:00:00.000000','2026-03-14 11:59:00.000000',NULL,'Overconfident by 18 points — said so by 212 events.');
INSERT INTO "calibration_versions" VALUES('cal_0004_2','cal_0004_1','fantasy-0004','tuned','{"version": 1, "items": [{"model": "openai:gpt-4.1", "prompt_version": "advice-1", "intercept": -0.1, "slope": 0.30000000000000004, "n": 212, "effect": -0.031, "effect_low": -0.05, "effect_high": -0.012, "stated_from": 0.55, "stated_to": 0.30000000000000004}]}','anna','2026-01-04 12:21:00.123456',0,NULL,NULL,NULL,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
INSERT INTO "calibration_versions" VALUES('cal_0004_3','cal_0004_2','fantasy-0004','rolled_back','{"version": 1, "items": [{"model": "openai:gpt-4.1", "prompt_version": "advice-1", "intercept": -0.1, "slope": 0.30000000000000004, "n": 212, "effect": -0.031, "effect_low": -0.05, "effect_high": -0.012, "stated_from": 0.55, "stated_to": 0.30000000000000004}, {"model": "openai:gpt-4.1", "prompt_version": null, "intercept": 3.141592653589793, "slope": 0.3333333333333333, "n": 700, "effect": 5e-324, "effect_low": -0.0, "effect_high": 1.7976931348623157e+308, "stated_from": 0.55, "stated_to": 0.30000000000000004}, {"model": null, "prompt_version": null, "intercept": 0.0, "slope": 1.0, "n": 0, "effect": 0.30000000000000004, "effect_low": 1e-17, "effect_high": 5e-324, "stated_from": null, "stated_to": null}]}','anna','2026-01-04 12:22:00.123456',0,NULL,NULL,'cal_0004_1','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
CREATE TABLE calibrations (
	profile TEXT NOT NULL, 
	version_id TEXT NOT NULL, 
	CONSTRAINT pk_calibrations PRIMARY KEY (profile), 
	CONSTRAINT fk_calibrations_version_id_calibration_versions FOREIGN KEY(version_id) REFERENCES calibration_versions (version_id)
);
INSERT INTO "calibrations" VALUES('fantasy-0004','cal_0004_3');
CREATE TABLE candor_revision (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT candor_revision_pkc PRIMARY KEY (version_num)
);
INSERT INTO "candor_revision" VALUES('0004');
CREATE TABLE conversations (
	chat_id TEXT NOT NULL, 
	user_id TEXT NOT NULL, 
	client_id TEXT, 
	title TEXT NOT NULL, 
	leaf_id TEXT, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT pk_conversations PRIMARY KEY (chat_id), 
	CONSTRAINT uq_conversations_client_id_user_id UNIQUE (client_id, user_id), 
	CONSTRAINT fk_conversations_user_id_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON DELETE CASCADE
);
INSERT INTO "conversations" VALUES('chat_0004_a0','anna','tab-0004','About 0004_a0','ans_0004_edited','2026-01-04 09:00:00.123456','2026-01-04 09:21:00.123456');
INSERT INTO "conversations" VALUES('chat_0004_b3','boris',NULL,'About 0004_b3','ans_0004_answered','2026-01-04 09:33:00.123456','2026-01-04 09:10:00.123456');
INSERT INTO "conversations" VALUES('chat_0004_b4','boris',NULL,'About 0004_b4','ans_0004_tentative','2026-01-04 09:34:00.123456','2026-01-04 09:11:00.123456');
INSERT INTO "conversations" VALUES('chat_0004_b5','boris',NULL,'About 0004_b5','ans_0004_not_found','2026-01-04 09:35:00.123456','2026-01-04 09:12:00.123456');
INSERT INTO "conversations" VALUES('chat_0004_b6','boris',NULL,'About 0004_b6','ans_0004_refused','2026-01-04 09:36:00.123456','2026-01-04 09:13:00.123456');
INSERT INTO "conversations" VALUES('chat_0004_b7','boris',NULL,'About 0004_b7','ans_0004_conflict','2026-01-04 09:37:00.123456','2026-01-04 09:14:00.123456');
INSERT INTO "conversations" VALUES('chat_0004_b8','boris',NULL,'About 0004_b8','ans_0004_clarification','2026-01-04 09:38:00.123456','2026-01-04 09:15:00.123456');
INSERT INTO "conversations" VALUES('chat_0004_b9','boris',NULL,'About 0004_b9','ans_0004_smalltalk','2026-01-04 09:39:00.123456','2026-01-04 09:16:00.123456');
INSERT INTO "conversations" VALUES('chat_0004_b10','boris',NULL,'About 0004_b10','ans_0004_interrupted','2026-01-04 09:40:00.123456','2026-01-04 09:17:00.123456');
INSERT INTO "conversations" VALUES('chat_0004_alone','boris','tab-0004','Renamed — Zürich','msg_0004_alone','2026-01-04 10:00:00.123456','2026-01-04 10:00:00.123456');
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
INSERT INTO "feedback" VALUES('fb_0004_0','resp_0004_ugly','right',NULL,'20 > 11','profile','profile:resp_0004_ugly','2026-01-04 10:40:00.123456','2026-01-04 10:41:00.123456');
INSERT INTO "feedback" VALUES('fb_0004_1','resp_0004_ugly','wrong',1,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','person','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','2026-01-04 10:41:00.123456','2026-01-04 10:43:00.123456');
INSERT INTO "feedback" VALUES('fb_0004_2','resp_0004_ugly',NULL,0,NULL,'person',NULL,'2026-01-04 10:42:00.123456',NULL);
INSERT INTO "feedback" VALUES('fb_0004_3','resp_0004_ugly','void',NULL,NULL,'person',NULL,'2026-01-04 10:43:00.123456',NULL);
INSERT INTO "feedback" VALUES('fb_0004_4','resp_0004_bare',NULL,NULL,'only a word','person',NULL,'2026-01-04 10:44:00.123456',NULL);
INSERT INTO "feedback" VALUES('fb_0004_5','resp_0004_answered','right',NULL,NULL,'person','k1','2026-01-04 10:45:00.123456',NULL);
INSERT INTO "feedback" VALUES('fb_0004_6','resp_0004_answered','right',NULL,NULL,'person','k2','2026-01-04 10:46:00.123456',NULL);
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
	CONSTRAINT pk_messages PRIMARY KEY (message_id), 
	CONSTRAINT fk_messages_chat_id_conversations FOREIGN KEY(chat_id) REFERENCES conversations (chat_id) ON DELETE CASCADE, 
	CONSTRAINT fk_messages_parent_id_messages FOREIGN KEY(parent_id) REFERENCES messages (message_id)
);
INSERT INTO "messages" VALUES('msg_0004_a0','chat_0004_a0',NULL,'user','c0-0004','How much is a night in Zürich — 180 or 220?','{"version": 1, "items": []}',NULL,'2026-01-04 09:00:00.123456');
INSERT INTO "messages" VALUES('ans_0004_full','chat_0004_a0','msg_0004_a0','assistant',NULL,'Up to 220 CHF a night [1], 14 of 20 trips stayed below [2].','{"version": 1, "items": [{"kind": "step"}, {"kind": "reasoning", "text": "Where could that stand?"}, {"kind": "tool", "call_id": "call_1", "name": "search_knowledge_base", "arguments": "{\"query\": \"Z\u00fcrich\"}", "result": "[1] \u2026", "failed": false}, {"kind": "tool", "call_id": "call_2", "name": "lookup_structured_data", "arguments": "{}", "result": "no such column", "failed": true}, {"kind": "tool", "call_id": "call_3", "name": "search_knowledge_base", "arguments": "{}", "result": null, "failed": false}, {"kind": "step"}, {"kind": "text", "text": "Up to 220 CHF, I believe"}, {"kind": "replacement", "text": "I can''t find this.", "reason": "uncited"}, {"kind": "text", "text": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028"}, {"kind": "tool", "call_id": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "name": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "arguments": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "result": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "failed": false}]}','[{"seen": "ans_0004_full", "text": "Up to 220 CHF a night [1], 14 of 20 trips stayed below [2]."}]','2026-01-04 09:00:00.123456');
INSERT INTO "messages" VALUES('msg_0004_a1','chat_0004_a0','ans_0004_full','user','c1-0004','?','{"version": 1, "items": []}',NULL,'2026-01-04 09:01:00.123456');
INSERT INTO "messages" VALUES('ans_0004_bare','chat_0004_a0','msg_0004_a1','assistant',NULL,'','{"version": 1, "items": []}','[{"seen": "ans_0004_bare", "text": ""}]','2026-01-04 09:01:00.123456');
INSERT INTO "messages" VALUES('msg_0004_a2','chat_0004_a0','ans_0004_bare','user','c2-0004','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','{"version": 1, "items": []}',NULL,'2026-01-04 09:02:00.123456');
INSERT INTO "messages" VALUES('ans_0004_ugly','chat_0004_a0','msg_0004_a2','assistant',NULL,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','{"version": 1, "items": [{"kind": "step"}, {"kind": "reasoning", "text": "Where could that stand?"}, {"kind": "tool", "call_id": "call_1", "name": "search_knowledge_base", "arguments": "{\"query\": \"Z\u00fcrich\"}", "result": "[1] \u2026", "failed": false}, {"kind": "tool", "call_id": "call_2", "name": "lookup_structured_data", "arguments": "{}", "result": "no such column", "failed": true}, {"kind": "tool", "call_id": "call_3", "name": "search_knowledge_base", "arguments": "{}", "result": null, "failed": false}, {"kind": "step"}, {"kind": "text", "text": "Up to 220 CHF, I believe"}, {"kind": "replacement", "text": "I can''t find this.", "reason": "uncited"}, {"kind": "text", "text": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028"}, {"kind": "tool", "call_id": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "name": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "arguments": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "result": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "failed": false}]}','[{"seen": "ans_0004_ugly", "text": "a NUL \u0000, half a pair \ud83d, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028"}]','2026-01-04 09:02:00.123456');
INSERT INTO "messages" VALUES('ans_0004_again','chat_0004_a0','msg_0004_a2','assistant',NULL,'Again.','{"version": 1, "items": [{"kind": "step"}, {"kind": "reasoning", "text": "Where could that stand?"}, {"kind": "tool", "call_id": "call_1", "name": "search_knowledge_base", "arguments": "{\"query\": \"Z\u00fcrich\"}", "result": "[1] \u2026", "failed": false}, {"kind": "tool", "call_id": "call_2", "name": "lookup_structured_data", "arguments": "{}", "result": "no such column", "failed": true}, {"kind": "tool", "call_id": "call_3", "name": "search_knowledge_base", "arguments": "{}", "result": null, "failed": false}, {"kind": "step"}, {"kind": "text", "text": "Up to 220 CHF, I believe"}, {"kind": "replacement", "text": "I can''t find this.", "reason": "uncited"}]}','[{"seen": "ans_0004_again", "text": "Again."}]','2026-01-04 09:20:00.123456');
INSERT INTO "messages" VALUES('msg_0004_edited','chat_0004_a0','ans_0004_full','user',NULL,'Other?','{"version": 1, "items": []}',NULL,'2026-01-04 09:21:00.123456');
INSERT INTO "messages" VALUES('ans_0004_edited','chat_0004_a0','msg_0004_edited','assistant',NULL,'Edited.','{"version": 1, "items": [{"kind": "step"}, {"kind": "reasoning", "text": "Where could that stand?"}, {"kind": "tool", "call_id": "call_1", "name": "search_knowledge_base", "arguments": "{\"query\": \"Z\u00fcrich\"}", "result": "[1] \u2026", "failed": false}, {"kind": "tool", "call_id": "call_2", "name": "lookup_structured_data", "arguments": "{}", "result": "no such column", "failed": true}, {"kind": "tool", "call_id": "call_3", "name": "search_knowledge_base", "arguments": "{}", "result": null, "failed": false}, {"kind": "step"}, {"kind": "text", "text": "Up to 220 CHF, I believe"}, {"kind": "replacement", "text": "I can''t find this.", "reason": "uncited"}]}','[{"seen": "ans_0004_edited", "text": "Edited."}]','2026-01-04 09:21:00.123456');
INSERT INTO "messages" VALUES('msg_0004_b3','chat_0004_b3',NULL,'user',NULL,'?','{"version": 1, "items": []}',NULL,'2026-01-04 09:33:00.123456');
INSERT INTO "messages" VALUES('ans_0004_answered','chat_0004_b3','msg_0004_b3','assistant',NULL,'','{"version": 1, "items": []}','[{"seen": "ans_0004_answered", "text": ""}]','2026-01-04 09:10:00.123456');
INSERT INTO "messages" VALUES('msg_0004_b4','chat_0004_b4',NULL,'user',NULL,'?','{"version": 1, "items": []}',NULL,'2026-01-04 09:34:00.123456');
INSERT INTO "messages" VALUES('ans_0004_tentative','chat_0004_b4','msg_0004_b4','assistant',NULL,'','{"version": 1, "items": []}','[{"seen": "ans_0004_tentative", "text": ""}]','2026-01-04 09:11:00.123456');
INSERT INTO "messages" VALUES('msg_0004_b5','chat_0004_b5',NULL,'user',NULL,'?','{"version": 1, "items": []}',NULL,'2026-01-04 09:35:00.123456');
INSERT INTO "messages" VALUES('ans_0004_not_found','chat_0004_b5','msg_0004_b5','assistant',NULL,'','{"version": 1, "items": []}','[{"seen": "ans_0004_not_found", "text": ""}]','2026-01-04 09:12:00.123456');
INSERT INTO "messages" VALUES('msg_0004_b6','chat_0004_b6',NULL,'user',NULL,'?','{"version": 1, "items": []}',NULL,'2026-01-04 09:36:00.123456');
INSERT INTO "messages" VALUES('ans_0004_refused','chat_0004_b6','msg_0004_b6','assistant',NULL,'','{"version": 1, "items": []}','[{"seen": "ans_0004_refused", "text": ""}]','2026-01-04 09:13:00.123456');
INSERT INTO "messages" VALUES('msg_0004_b7','chat_0004_b7',NULL,'user',NULL,'?','{"version": 1, "items": []}',NULL,'2026-01-04 09:37:00.123456');
INSERT INTO "messages" VALUES('ans_0004_conflict','chat_0004_b7','msg_0004_b7','assistant',NULL,'','{"version": 1, "items": []}','[{"seen": "ans_0004_conflict", "text": ""}]','2026-01-04 09:14:00.123456');
INSERT INTO "messages" VALUES('msg_0004_b8','chat_0004_b8',NULL,'user',NULL,'?','{"version": 1, "items": []}',NULL,'2026-01-04 09:38:00.123456');
INSERT INTO "messages" VALUES('ans_0004_clarification','chat_0004_b8','msg_0004_b8','assistant',NULL,'','{"version": 1, "items": []}','[{"seen": "ans_0004_clarification", "text": ""}]','2026-01-04 09:15:00.123456');
INSERT INTO "messages" VALUES('msg_0004_b9','chat_0004_b9',NULL,'user',NULL,'?','{"version": 1, "items": []}',NULL,'2026-01-04 09:39:00.123456');
INSERT INTO "messages" VALUES('ans_0004_smalltalk','chat_0004_b9','msg_0004_b9','assistant',NULL,'','{"version": 1, "items": []}','[{"seen": "ans_0004_smalltalk", "text": ""}]','2026-01-04 09:16:00.123456');
INSERT INTO "messages" VALUES('msg_0004_b10','chat_0004_b10',NULL,'user',NULL,'?','{"version": 1, "items": []}',NULL,'2026-01-04 09:40:00.123456');
INSERT INTO "messages" VALUES('ans_0004_interrupted','chat_0004_b10','msg_0004_b10','assistant',NULL,'','{"version": 1, "items": []}','[{"seen": "ans_0004_interrupted", "text": ""}]','2026-01-04 09:17:00.123456');
INSERT INTO "messages" VALUES('msg_0004_alone','chat_0004_alone',NULL,'user',NULL,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','{"version": 1, "items": []}',NULL,'2026-01-04 10:00:00.123456');
CREATE TABLE responses (
	response_id TEXT NOT NULL, 
	user_id TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	profile TEXT NOT NULL, 
	model TEXT NOT NULL, 
	prompt_version TEXT NOT NULL, 
	web_search_used BOOLEAN NOT NULL, 
	stated_bp INTEGER, 
	calibrated_bp INTEGER, 
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
	input_tokens BIGINT, 
	output_tokens BIGINT, 
	cost TEXT, 
	latency_ms BIGINT NOT NULL, 
	interrupted BOOLEAN NOT NULL, 
	choice TEXT, 
	feedback_notes TEXT, 
	question TEXT NOT NULL, 
	main_advice TEXT NOT NULL, 
	reasoning TEXT NOT NULL, 
	alternatives JSON NOT NULL, 
	notices JSON NOT NULL, 
	sources JSON NOT NULL, 
	tool_calls JSON NOT NULL, base_right BIGINT, base_n BIGINT, 
	CONSTRAINT pk_responses PRIMARY KEY (response_id), 
	CONSTRAINT fk_responses_user_id_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON DELETE CASCADE
);
INSERT INTO "responses" VALUES('resp_0004_full','anna','2026-01-04 09:00:00.123456','fantasy-nfl','openai:gpt-4.1-mini','advice-1',1,8500,6123,'wrong','2026-03-17 09:00:00.000000',0,'fantasy-nfl:10:muller+st-brown','2026-03-16',10,'likely','Likely',1,'cal_7','nfl-1a2b','short','mandatory','unverified','conflict',1834,0,'0.000123456789012345678901',2150,1,'Amon-Ra St. Brown','Fumbled — twice.','Start Amon-Ra St. Brown or Müller in week 10? 🏈','Start St. Brown [1].','He is projected higher [1], and 14 of 20 such pairs held [2].','{"version": 1, "items": [{"option": "M\u00fcller", "reason": "A harder opponent."}, {"option": "Bench", "reason": ""}]}','{"version": 1, "items": ["Fresh facts could not be had."]}','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 3, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_8", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 3, "superseded_by": "doc_9"}, "section": "", "page": null, "quotes": [{"sentence": {"start": 26, "end": 58}, "span": null, "text": "n = 14", "support": 0.1, "weak": true}], "sql": "SELECT count(*) AS n FROM trips WHERE night < 220"}]}','{"version": 1, "items": [{"name": "search_knowledge_base", "arguments": "{\"query\": \"hotel\"}", "result": "[1] \u2026", "failed": false}, {"name": "lookup_structured_data", "arguments": "{}", "result": "no such column", "failed": true}]}',110,199);
INSERT INTO "responses" VALUES('resp_0004_bare','anna','2026-01-04 09:01:00.123456','general','offline:adviser','advice-1',0,NULL,NULL,'pending',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'general-1','default','default_no','not_needed','not_found',NULL,NULL,NULL,0,0,NULL,'only a word','?','','','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}',NULL,NULL);
INSERT INTO "responses" VALUES('resp_0004_ugly','anna','2026-01-04 09:02:00.123456','fantasy-nfl','openai:gpt-4.1-mini','advice-1',1,0,10000,'void','2026-01-04 10:43:00.123456',0,'fantasy-nfl:10:muller+st-brown','2026-03-16',10,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ',0,NULL,'nfl-1a2b','short','mandatory','unverified','conflict',1834,0,'0.000123456789012345678901',2150,0,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ',NULL,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','{"version": 1, "items": [{"option": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "reason": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028"}]}','{"version": 1, "items": ["a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028"]}','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 3, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_8", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 3, "superseded_by": "doc_9"}, "section": "", "page": null, "quotes": [{"sentence": {"start": 26, "end": 58}, "span": null, "text": "n = 14", "support": 0.1, "weak": true}], "sql": "SELECT count(*) AS n FROM trips WHERE night < 220"}]}','{"version": 1, "items": [{"name": "search_knowledge_base", "arguments": "{\"query\": \"hotel\"}", "result": "[1] \u2026", "failed": false}, {"name": "lookup_structured_data", "arguments": "{}", "result": "no such column", "failed": true}]}',NULL,NULL);
INSERT INTO "responses" VALUES('resp_0004_answered','boris','2026-01-04 09:10:00.123456','general','offline:adviser','advice-1',0,0,1,'right','2026-01-04 10:45:00.123456',NULL,NULL,NULL,NULL,'k','p',0,NULL,'general-1','default','default_no','not_needed','answered',NULL,NULL,NULL,0,0,NULL,NULL,'?','','','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}',NULL,NULL);
INSERT INTO "responses" VALUES('resp_0004_tentative','boris','2026-01-04 09:11:00.123456','general','offline:adviser','advice-1',0,1,2,'pending',NULL,NULL,NULL,NULL,NULL,'k','p',0,NULL,'general-1','default','default_no','verified','tentative',NULL,NULL,NULL,0,0,NULL,NULL,'?','','','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}',NULL,NULL);
INSERT INTO "responses" VALUES('resp_0004_not_found','boris','2026-01-04 09:12:00.123456','general','offline:adviser','advice-1',0,2,3,'pending',NULL,NULL,NULL,NULL,NULL,'k','p',0,NULL,'general-1','default','default_no','unverified','not_found',NULL,NULL,NULL,0,0,NULL,NULL,'?','','','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}',NULL,NULL);
INSERT INTO "responses" VALUES('resp_0004_refused','boris','2026-01-04 09:13:00.123456','general','offline:adviser','advice-1',0,3,4,'pending',NULL,NULL,NULL,NULL,NULL,'k','p',0,NULL,'general-1','default','default_no','not_needed','refused',NULL,NULL,NULL,0,0,NULL,NULL,'?','','','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}',NULL,NULL);
INSERT INTO "responses" VALUES('resp_0004_conflict','boris','2026-01-04 09:14:00.123456','general','offline:adviser','advice-1',0,4,5,'pending',NULL,NULL,NULL,NULL,NULL,'k','p',0,NULL,'general-1','default','default_no','verified','conflict',NULL,NULL,NULL,0,0,NULL,NULL,'?','','','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}',NULL,NULL);
INSERT INTO "responses" VALUES('resp_0004_clarification','boris','2026-01-04 09:15:00.123456','general','offline:adviser','advice-1',0,5,6,'pending',NULL,NULL,NULL,NULL,NULL,'k','p',0,NULL,'general-1','default','default_no','unverified','clarification',NULL,NULL,NULL,0,0,NULL,NULL,'?','','','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}',NULL,NULL);
INSERT INTO "responses" VALUES('resp_0004_smalltalk','boris','2026-01-04 09:16:00.123456','general','offline:adviser','advice-1',0,6,7,'pending',NULL,NULL,NULL,NULL,NULL,'k','p',0,NULL,'general-1','default','default_no','not_needed','smalltalk',NULL,NULL,NULL,0,0,NULL,NULL,'?','','','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}',NULL,NULL);
INSERT INTO "responses" VALUES('resp_0004_interrupted','boris','2026-01-04 09:17:00.123456','general','offline:adviser','advice-1',0,7,8,'pending',NULL,NULL,NULL,NULL,NULL,'k','p',0,NULL,'general-1','default','default_no','verified','interrupted',NULL,NULL,NULL,0,0,NULL,NULL,'?','','','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}',NULL,NULL);
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
INSERT INTO "tuning_notes" VALUES('note_0004_0','fantasy-0004','applied','anna','2026-01-04 12:20:00.123456',NULL,'cal_0004_1','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
INSERT INTO "tuning_notes" VALUES('note_0004_1','fantasy-0004','applied','anna','2026-01-04 12:21:00.123456','cal_0004_1','cal_0004_2','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
INSERT INTO "tuning_notes" VALUES('note_0004_2','fantasy-0004','rolled_back','anna','2026-01-04 12:22:00.123456','cal_0004_2','cal_0004_3','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
INSERT INTO "tuning_notes" VALUES('note_0004_10','fantasy-0004','dry_run','anna','2026-01-04 12:30:00.123456','x',NULL,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
INSERT INTO "tuning_notes" VALUES('note_0004_11','fantasy-0004','applied','anna','2026-01-04 12:31:00.123456',NULL,'y','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
INSERT INTO "tuning_notes" VALUES('note_0004_12','fantasy-0004','not_applied','anna','2026-01-04 12:32:00.123456','x',NULL,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
INSERT INTO "tuning_notes" VALUES('note_0004_13','fantasy-0004','conflict','anna','2026-01-04 12:33:00.123456',NULL,'y','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
INSERT INTO "tuning_notes" VALUES('note_0004_14','fantasy-0004','rolled_back','anna','2026-01-04 12:34:00.123456','x',NULL,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
CREATE TABLE users (
	user_id TEXT NOT NULL, 
	name TEXT, 
	email TEXT, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_users PRIMARY KEY (user_id), 
	CONSTRAINT uq_users_email UNIQUE (email)
);
INSERT INTO "users" VALUES('anna','Anna — Zürich','anna@example.com','2026-01-04 09:00:00.123456');
INSERT INTO "users" VALUES('boris',NULL,NULL,'2026-01-04 09:01:00.123456');
CREATE INDEX ix_conversations_user_id_updated_at_chat_id ON conversations (user_id, updated_at, chat_id);
CREATE INDEX ix_conversations_updated_at_chat_id ON conversations (updated_at, chat_id);
CREATE INDEX ix_messages_chat_id_created_at_message_id ON messages (chat_id, created_at, message_id);
CREATE INDEX ix_messages_parent_id ON messages (parent_id);
CREATE INDEX ix_api_keys_user_id ON api_keys (user_id);
CREATE INDEX ix_answers_user_id_created_at_answer_id ON answers (user_id, created_at, answer_id);
CREATE INDEX ix_answers_chat_id ON answers (chat_id);
CREATE INDEX ix_answers_created_at_answer_id ON answers (created_at, answer_id);
CREATE INDEX ix_responses_user_id_created_at_response_id ON responses (user_id, created_at, response_id);
CREATE INDEX ix_responses_profile_created_at_response_id ON responses (profile, created_at, response_id);
CREATE INDEX ix_responses_created_at_response_id ON responses (created_at, response_id);
CREATE INDEX ix_calibration_versions_profile_created_at_version_id ON calibration_versions (profile, created_at, version_id);
CREATE INDEX ix_tuning_notes_profile_created_at_note_id ON tuning_notes (profile, created_at, note_id);
COMMIT;

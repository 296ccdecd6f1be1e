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
INSERT INTO "answers" VALUES('ans_0003_full','anna','How much is a night in Zürich — 180 or 220?','policies','Up to 220 CHF a night [1], 14 of 20 trips stayed below [2].','conflict','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 3, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_8", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 3, "superseded_by": "doc_9"}, "section": "", "page": null, "quotes": [{"sentence": {"start": 26, "end": 58}, "span": null, "text": "n = 14", "support": 0.1, "weak": true}], "sql": "SELECT count(*) AS n FROM trips WHERE night < 220"}]}','{"version": 1, "items": [{"name": "search_knowledge_base", "arguments": "{\"query\": \"hotel\"}", "result": "[1] \u2026", "failed": false}, {"name": "lookup_structured_data", "arguments": "{}", "result": "no such column", "failed": true}]}','{"version": 1, "items": ["The search ran without vectors."]}','openai:gpt-4.1-mini','chat-3',1834,0,'0.000123456789012345678901',2150,'2026-01-03 09:00:00.123456',1,'chat_0003_a0');
INSERT INTO "answers" VALUES('ans_0003_bare','anna','?',NULL,'','not_found','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',NULL,NULL,NULL,0,'2026-01-03 09:01:00.123456',0,'chat_0003_a0');
INSERT INTO "answers" VALUES('ans_0003_ugly','anna','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','conflict','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "title": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 3, "superseded_by": null}, "section": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "support": 0.75, "weak": false}, {"sentence": {"start": 26, "end": 58}, "span": null, "text": "n = 14", "support": 0.1, "weak": true}], "sql": null}]}','{"version": 1, "items": [{"name": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "arguments": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "result": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "failed": true}, {"name": "search_knowledge_base", "arguments": "{\"query\": \"hotel\"}", "result": "[1] \u2026", "failed": false}, {"name": "lookup_structured_data", "arguments": "{}", "result": "no such column", "failed": true}]}','{"version": 1, "items": ["a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", ""]}','openai:gpt-4.1-mini','chat-3',1834,0,'0.000123456789012345678901',2150,'2026-01-03 09:02:00.123456',1,'chat_0003_a0');
INSERT INTO "answers" VALUES('ans_0003_again','anna','?',NULL,'Again.','not_found','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',NULL,NULL,NULL,0,'2026-01-03 09:20:00.123456',0,'chat_0003_a0');
INSERT INTO "answers" VALUES('ans_0003_edited','anna','?',NULL,'Edited.','not_found','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',NULL,NULL,NULL,0,'2026-01-03 09:21:00.123456',0,'chat_0003_a0');
INSERT INTO "answers" VALUES('ans_0003_answered','boris','?',NULL,'','answered','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 0, "superseded_by": "doc_9"}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "git", "authority": 1, "superseded_by": "doc_9"}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 3, "kind": "web", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "file", "authority": 2, "superseded_by": "doc_9"}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 4, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "upload", "authority": 3, "superseded_by": "doc_9"}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 5, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "fetched", "authority": 0, "superseded_by": "doc_9"}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}]}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',1099511627776,0,'1E+3',8589934592,'2026-01-03 09:10:00.123456',0,'chat_0003_b3');
INSERT INTO "answers" VALUES('ans_0003_not_found','boris','?',NULL,'','not_found','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "git", "authority": 1, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 3, "kind": "web", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "file", "authority": 2, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 4, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "upload", "authority": 3, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 5, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "fetched", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}]}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',1099511627776,1,'0',8589934592,'2026-01-03 09:11:00.123456',0,'chat_0003_b4');
INSERT INTO "answers" VALUES('ans_0003_refused','boris','?',NULL,'','refused','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "git", "authority": 1, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 3, "kind": "web", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "file", "authority": 2, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 4, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "upload", "authority": 3, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 5, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "fetched", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}]}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',1099511627776,2,'0',8589934592,'2026-01-03 09:12:00.123456',0,'chat_0003_b5');
INSERT INTO "answers" VALUES('ans_0003_conflict','boris','?',NULL,'','conflict','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "git", "authority": 1, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 3, "kind": "web", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "file", "authority": 2, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 4, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "upload", "authority": 3, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 5, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "fetched", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}]}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',1099511627776,3,'0',8589934592,'2026-01-03 09:13:00.123456',0,'chat_0003_b6');
INSERT INTO "answers" VALUES('ans_0003_interrupted','boris','?',NULL,'','interrupted','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "git", "authority": 1, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 3, "kind": "web", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "file", "authority": 2, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 4, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "upload", "authority": 3, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 5, "kind": "query", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "fetched", "authority": 0, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}]}','{"version": 1, "items": []}','{"version": 1, "items": []}','offline:extractive','chat-3',1099511627776,4,'0',8589934592,'2026-01-03 09:14:00.123456',0,'chat_0003_b7');
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
INSERT INTO "api_keys" VALUES('key_0003','pre0003abc','5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d','anna','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','["advice", "advice:tune", "chat", "knowledge:read", "knowledge:write", "metrics"]','2026-01-03 09:00:00.123456','2026-01-09 15:00:00.123456','2026-01-03 09:07:00.123456',NULL);
INSERT INTO "api_keys" VALUES('key_0003_b','pre0003abd','5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d','boris','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','[]','2026-01-03 09:01:00.123456',NULL,NULL,'2026-01-03 09:08:00.123456');
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
INSERT INTO "calibration_versions" VALUES('cal_0003_1',NULL,'fantasy-0003','tuned','{"version": 1, "items": [{"model": "openai:gpt-4.1", "prompt_version": "advice-1", "intercept": -0.1, "slope": 0.30000000000000004, "n": 212, "effect": -0.031, "effect_low": -0.05, "effect_high": -0.012}, {"model": "openai:gpt-4.1", "prompt_version": null, "intercept": 3.141592653589793, "slope": 0.3333333333333333, "n": 700, "effect": 5e-324, "effect_low": -0.0, "effect_high": 1.7976931348623157e+308}, {"model": null, "prompt_version": null, "intercept": 0.0, "slope": 1.0, "n": 0, "effect": 0.30000000000000004, "effect_low": 1e-17, "effect_high": 5e-324}]}','anna','2026-01-03 12:20:00.123456',912,'2026-01-01 00:00:00.000000','2026-03-14 11:59:00.000000',NULL,'Overconfident by 18 points — said so by 212 events.');
INSERT INTO "calibration_versions" VALUES('cal_0003_2','cal_0003_1','fantasy-0003','tuned','{"version": 1, "items": [{"model": "openai:gpt-4.1", "prompt_version": "advice-1", "intercept": -0.1, "slope": 0.30000000000000004, "n": 212, "effect": -0.031, "effect_low": -0.05, "effect_high": -0.012}]}','anna','2026-01-03 12:21:00.123456',0,NULL,NULL,NULL,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
INSERT INTO "calibration_versions" VALUES('cal_0003_3','cal_0003_2','fantasy-0003','rolled_back','{"version": 1, "items": [{"model": "openai:gpt-4.1", "prompt_version": "advice-1", "intercept": -0.1, "slope": 0.30000000000000004, "n": 212, "effect": -0.031, "effect_low": -0.05, "effect_high": -0.012}, {"model": "openai:gpt-4.1", "prompt_version": null, "intercept": 3.141592653589793, "slope": 0.3333333333333333, "n": 700, "effect": 5e-324, "effect_low": -0.0, "effect_high": 1.7976931348623157e+308}, {"model": null, "prompt_version": null, "intercept": 0.0, "slope": 1.0, "n": 0, "effect": 0.30000000000000004, "effect_low": 1e-17, "effect_high": 5e-324}]}','anna','2026-01-03 12:22:00.123456',0,NULL,NULL,'cal_0003_1','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
CREATE TABLE calibrations (
	profile TEXT NOT NULL, 
	version_id TEXT NOT NULL, 
	CONSTRAINT pk_calibrations PRIMARY KEY (profile), 
	CONSTRAINT fk_calibrations_version_id_calibration_versions FOREIGN KEY(version_id) REFERENCES calibration_versions (version_id)
);
INSERT INTO "calibrations" VALUES('fantasy-0003','cal_0003_3');
CREATE TABLE candor_revision (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT candor_revision_pkc PRIMARY KEY (version_num)
);
INSERT INTO "candor_revision" VALUES('0003');
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
INSERT INTO "conversations" VALUES('chat_0003_a0','anna','tab-0003','About 0003_a0','ans_0003_edited','2026-01-03 09:00:00.123456','2026-01-03 09:21:00.123456');
INSERT INTO "conversations" VALUES('chat_0003_b3','boris',NULL,'About 0003_b3','ans_0003_answered','2026-01-03 09:33:00.123456','2026-01-03 09:10:00.123456');
INSERT INTO "conversations" VALUES('chat_0003_b4','boris',NULL,'About 0003_b4','ans_0003_not_found','2026-01-03 09:34:00.123456','2026-01-03 09:11:00.123456');
INSERT INTO "conversations" VALUES('chat_0003_b5','boris',NULL,'About 0003_b5','ans_0003_refused','2026-01-03 09:35:00.123456','2026-01-03 09:12:00.123456');
INSERT INTO "conversations" VALUES('chat_0003_b6','boris',NULL,'About 0003_b6','ans_0003_conflict','2026-01-03 09:36:00.123456','2026-01-03 09:13:00.123456');
INSERT INTO "conversations" VALUES('chat_0003_b7','boris',NULL,'About 0003_b7','ans_0003_interrupted','2026-01-03 09:37:00.123456','2026-01-03 09:14:00.123456');
INSERT INTO "conversations" VALUES('chat_0003_alone','boris','tab-0003','Renamed — Zürich','msg_0003_alone','2026-01-03 10:00:00.123456','2026-01-03 10:00:00.123456');
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
INSERT INTO "feedback" VALUES('fb_0003_0','resp_0003_ugly','right',NULL,'20 > 11','profile','profile:resp_0003_ugly','2026-01-03 10:40:00.123456','2026-01-03 10:41:00.123456');
INSERT INTO "feedback" VALUES('fb_0003_1','resp_0003_ugly','wrong',1,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','person','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','2026-01-03 10:41:00.123456','2026-01-03 10:43:00.123456');
INSERT INTO "feedback" VALUES('fb_0003_2','resp_0003_ugly',NULL,0,NULL,'person',NULL,'2026-01-03 10:42:00.123456',NULL);
INSERT INTO "feedback" VALUES('fb_0003_3','resp_0003_ugly','void',NULL,NULL,'person',NULL,'2026-01-03 10:43:00.123456',NULL);
INSERT INTO "feedback" VALUES('fb_0003_4','resp_0003_bare',NULL,NULL,'only a word','person',NULL,'2026-01-03 10:44:00.123456',NULL);
INSERT INTO "feedback" VALUES('fb_0003_5','resp_0003_answered','right',NULL,NULL,'person','k1','2026-01-03 10:45:00.123456',NULL);
INSERT INTO "feedback" VALUES('fb_0003_6','resp_0003_answered','right',NULL,NULL,'person','k2','2026-01-03 10:46:00.123456',NULL);
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
INSERT INTO "messages" VALUES('msg_0003_a0','chat_0003_a0',NULL,'user','c0-0003','How much is a night in Zürich — 180 or 220?','{"version": 1, "items": []}',NULL,'2026-01-03 09:00:00.123456');
INSERT INTO "messages" VALUES('ans_0003_full','chat_0003_a0','msg_0003_a0','assistant',NULL,'Up to 220 CHF a night [1], 14 of 20 trips stayed below [2].','{"version": 1, "items": [{"kind": "step"}, {"kind": "reasoning", "text": "Where could that stand?"}, {"kind": "tool", "call_id": "call_1", "name": "search_knowledge_base", "arguments": "{\"query\": \"Z\u00fcrich\"}", "result": "[1] \u2026", "failed": false}, {"kind": "tool", "call_id": "call_2", "name": "lookup_structured_data", "arguments": "{}", "result": "no such column", "failed": true}, {"kind": "tool", "call_id": "call_3", "name": "search_knowledge_base", "arguments": "{}", "result": null, "failed": false}, {"kind": "step"}, {"kind": "text", "text": "Up to 220 CHF, I believe"}, {"kind": "replacement", "text": "I can''t find this.", "reason": "uncited"}, {"kind": "text", "text": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028"}, {"kind": "tool", "call_id": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "name": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "arguments": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "result": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "failed": false}]}','[{"seen": "ans_0003_full", "text": "Up to 220 CHF a night [1], 14 of 20 trips stayed below [2]."}]','2026-01-03 09:00:00.123456');
INSERT INTO "messages" VALUES('msg_0003_a1','chat_0003_a0','ans_0003_full','user','c1-0003','?','{"version": 1, "items": []}',NULL,'2026-01-03 09:01:00.123456');
INSERT INTO "messages" VALUES('ans_0003_bare','chat_0003_a0','msg_0003_a1','assistant',NULL,'','{"version": 1, "items": []}','[{"seen": "ans_0003_bare", "text": ""}]','2026-01-03 09:01:00.123456');
INSERT INTO "messages" VALUES('msg_0003_a2','chat_0003_a0','ans_0003_bare','user','c2-0003','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','{"version": 1, "items": []}',NULL,'2026-01-03 09:02:00.123456');
INSERT INTO "messages" VALUES('ans_0003_ugly','chat_0003_a0','msg_0003_a2','assistant',NULL,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','{"version": 1, "items": [{"kind": "step"}, {"kind": "reasoning", "text": "Where could that stand?"}, {"kind": "tool", "call_id": "call_1", "name": "search_knowledge_base", "arguments": "{\"query\": \"Z\u00fcrich\"}", "result": "[1] \u2026", "failed": false}, {"kind": "tool", "call_id": "call_2", "name": "lookup_structured_data", "arguments": "{}", "result": "no such column", "failed": true}, {"kind": "tool", "call_id": "call_3", "name": "search_knowledge_base", "arguments": "{}", "result": null, "failed": false}, {"kind": "step"}, {"kind": "text", "text": "Up to 220 CHF, I believe"}, {"kind": "replacement", "text": "I can''t find this.", "reason": "uncited"}, {"kind": "text", "text": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028"}, {"kind": "tool", "call_id": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "name": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "arguments": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "result": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "failed": false}]}','[{"seen": "ans_0003_ugly", "text": "a NUL \u0000, half a pair \ud83d, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028"}]','2026-01-03 09:02:00.123456');
INSERT INTO "messages" VALUES('ans_0003_again','chat_0003_a0','msg_0003_a2','assistant',NULL,'Again.','{"version": 1, "items": [{"kind": "step"}, {"kind": "reasoning", "text": "Where could that stand?"}, {"kind": "tool", "call_id": "call_1", "name": "search_knowledge_base", "arguments": "{\"query\": \"Z\u00fcrich\"}", "result": "[1] \u2026", "failed": false}, {"kind": "tool", "call_id": "call_2", "name": "lookup_structured_data", "arguments": "{}", "result": "no such column", "failed": true}, {"kind": "tool", "call_id": "call_3", "name": "search_knowledge_base", "arguments": "{}", "result": null, "failed": false}, {"kind": "step"}, {"kind": "text", "text": "Up to 220 CHF, I believe"}, {"kind": "replacement", "text": "I can''t find this.", "reason": "uncited"}]}','[{"seen": "ans_0003_again", "text": "Again."}]','2026-01-03 09:20:00.123456');
INSERT INTO "messages" VALUES('msg_0003_edited','chat_0003_a0','ans_0003_full','user',NULL,'Other?','{"version": 1, "items": []}',NULL,'2026-01-03 09:21:00.123456');
INSERT INTO "messages" VALUES('ans_0003_edited','chat_0003_a0','msg_0003_edited','assistant',NULL,'Edited.','{"version": 1, "items": [{"kind": "step"}, {"kind": "reasoning", "text": "Where could that stand?"}, {"kind": "tool", "call_id": "call_1", "name": "search_knowledge_base", "arguments": "{\"query\": \"Z\u00fcrich\"}", "result": "[1] \u2026", "failed": false}, {"kind": "tool", "call_id": "call_2", "name": "lookup_structured_data", "arguments": "{}", "result": "no such column", "failed": true}, {"kind": "tool", "call_id": "call_3", "name": "search_knowledge_base", "arguments": "{}", "result": null, "failed": false}, {"kind": "step"}, {"kind": "text", "text": "Up to 220 CHF, I believe"}, {"kind": "replacement", "text": "I can''t find this.", "reason": "uncited"}]}','[{"seen": "ans_0003_edited", "text": "Edited."}]','2026-01-03 09:21:00.123456');
INSERT INTO "messages" VALUES('msg_0003_b3','chat_0003_b3',NULL,'user',NULL,'?','{"version": 1, "items": []}',NULL,'2026-01-03 09:33:00.123456');
INSERT INTO "messages" VALUES('ans_0003_answered','chat_0003_b3','msg_0003_b3','assistant',NULL,'','{"version": 1, "items": []}','[{"seen": "ans_0003_answered", "text": ""}]','2026-01-03 09:10:00.123456');
INSERT INTO "messages" VALUES('msg_0003_b4','chat_0003_b4',NULL,'user',NULL,'?','{"version": 1, "items": []}',NULL,'2026-01-03 09:34:00.123456');
INSERT INTO "messages" VALUES('ans_0003_not_found','chat_0003_b4','msg_0003_b4','assistant',NULL,'','{"version": 1, "items": []}','[{"seen": "ans_0003_not_found", "text": ""}]','2026-01-03 09:11:00.123456');
INSERT INTO "messages" VALUES('msg_0003_b5','chat_0003_b5',NULL,'user',NULL,'?','{"version": 1, "items": []}',NULL,'2026-01-03 09:35:00.123456');
INSERT INTO "messages" VALUES('ans_0003_refused','chat_0003_b5','msg_0003_b5','assistant',NULL,'','{"version": 1, "items": []}','[{"seen": "ans_0003_refused", "text": ""}]','2026-01-03 09:12:00.123456');
INSERT INTO "messages" VALUES('msg_0003_b6','chat_0003_b6',NULL,'user',NULL,'?','{"version": 1, "items": []}',NULL,'2026-01-03 09:36:00.123456');
INSERT INTO "messages" VALUES('ans_0003_conflict','chat_0003_b6','msg_0003_b6','assistant',NULL,'','{"version": 1, "items": []}','[{"seen": "ans_0003_conflict", "text": ""}]','2026-01-03 09:13:00.123456');
INSERT INTO "messages" VALUES('msg_0003_b7','chat_0003_b7',NULL,'user',NULL,'?','{"version": 1, "items": []}',NULL,'2026-01-03 09:37:00.123456');
INSERT INTO "messages" VALUES('ans_0003_interrupted','chat_0003_b7','msg_0003_b7','assistant',NULL,'','{"version": 1, "items": []}','[{"seen": "ans_0003_interrupted", "text": ""}]','2026-01-03 09:14:00.123456');
INSERT INTO "messages" VALUES('msg_0003_alone','chat_0003_alone',NULL,'user',NULL,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','{"version": 1, "items": []}',NULL,'2026-01-03 10:00:00.123456');
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
	tool_calls JSON NOT NULL, 
	CONSTRAINT pk_responses PRIMARY KEY (response_id), 
	CONSTRAINT fk_responses_user_id_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON DELETE CASCADE
);
INSERT INTO "responses" VALUES('resp_0003_full','anna','2026-01-03 09:00:00.123456','fantasy-nfl','openai:gpt-4.1-mini','advice-1',1,8500,6123,'wrong','2026-03-17 09:00:00.000000',0,'fantasy-nfl:10:muller+st-brown','2026-03-16',10,'likely','Likely',1,'cal_7','nfl-1a2b','short','mandatory','unverified','conflict',1834,0,'0.000123456789012345678901',2150,1,'Amon-Ra St. Brown','Fumbled — twice.','Start Amon-Ra St. Brown or Müller in week 10? 🏈','Start St. Brown [1].','He is projected higher [1], and 14 of 20 such pairs held [2].','{"version": 1, "items": [{"option": "M\u00fcller", "reason": "A harder opponent."}, {"option": "Bench", "reason": ""}]}','{"version": 1, "items": ["Fresh facts could not be had."]}','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 3, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_8", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 3, "superseded_by": "doc_9"}, "section": "", "page": null, "quotes": [{"sentence": {"start": 26, "end": 58}, "span": null, "text": "n = 14", "support": 0.1, "weak": true}], "sql": "SELECT count(*) AS n FROM trips WHERE night < 220"}]}','{"version": 1, "items": [{"name": "search_knowledge_base", "arguments": "{\"query\": \"hotel\"}", "result": "[1] \u2026", "failed": false}, {"name": "lookup_structured_data", "arguments": "{}", "result": "no such column", "failed": true}]}');
INSERT INTO "responses" VALUES('resp_0003_bare','anna','2026-01-03 09:01:00.123456','general','offline:adviser','advice-1',0,NULL,NULL,'pending',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'general-1','default','default_no','not_needed','not_found',NULL,NULL,NULL,0,0,NULL,'only a word','?','','','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}');
INSERT INTO "responses" VALUES('resp_0003_ugly','anna','2026-01-03 09:02:00.123456','fantasy-nfl','openai:gpt-4.1-mini','advice-1',1,0,10000,'void','2026-01-03 10:43:00.123456',0,'fantasy-nfl:10:muller+st-brown','2026-03-16',10,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ',0,NULL,'nfl-1a2b','short','mandatory','unverified','conflict',1834,0,'0.000123456789012345678901',2150,0,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ',NULL,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ','{"version": 1, "items": [{"option": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028", "reason": "a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028"}]}','{"version": 1, "items": ["a NUL \ufffd, half a pair \ufffd, a pair \ud83c\udfc8, \u00fcmlaut, \"quotes\", \\ and\nlines\u2028"]}','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_7", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 3, "superseded_by": null}, "section": "Hotels \u203a Switzerland", "page": 4, "quotes": [{"sentence": {"start": 0, "end": 25}, "span": {"start": 812, "end": 851}, "text": "up to 220 CHF a night", "support": 0.75, "weak": false}], "sql": null}, {"number": 2, "kind": "query", "document": {"document_id": "doc_8", "version_id": 3, "name": "policies/travel.md", "title": "Travel", "category": "policies", "updated": "2026-02-01", "date_origin": "stated", "authority": 3, "superseded_by": "doc_9"}, "section": "", "page": null, "quotes": [{"sentence": {"start": 26, "end": 58}, "span": null, "text": "n = 14", "support": 0.1, "weak": true}], "sql": "SELECT count(*) AS n FROM trips WHERE night < 220"}]}','{"version": 1, "items": [{"name": "search_knowledge_base", "arguments": "{\"query\": \"hotel\"}", "result": "[1] \u2026", "failed": false}, {"name": "lookup_structured_data", "arguments": "{}", "result": "no such column", "failed": true}]}');
INSERT INTO "responses" VALUES('resp_0003_answered','boris','2026-01-03 09:10:00.123456','general','offline:adviser','advice-1',0,0,1,'right','2026-01-03 10:45:00.123456',NULL,NULL,NULL,NULL,'k','p',0,NULL,'general-1','default','default_no','not_needed','answered',NULL,NULL,NULL,0,0,NULL,NULL,'?','','','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}');
INSERT INTO "responses" VALUES('resp_0003_not_found','boris','2026-01-03 09:11:00.123456','general','offline:adviser','advice-1',0,1,2,'pending',NULL,NULL,NULL,NULL,NULL,'k','p',0,NULL,'general-1','default','default_no','verified','not_found',NULL,NULL,NULL,0,0,NULL,NULL,'?','','','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}');
INSERT INTO "responses" VALUES('resp_0003_refused','boris','2026-01-03 09:12:00.123456','general','offline:adviser','advice-1',0,2,3,'pending',NULL,NULL,NULL,NULL,NULL,'k','p',0,NULL,'general-1','default','default_no','unverified','refused',NULL,NULL,NULL,0,0,NULL,NULL,'?','','','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}');
INSERT INTO "responses" VALUES('resp_0003_conflict','boris','2026-01-03 09:13:00.123456','general','offline:adviser','advice-1',0,3,4,'pending',NULL,NULL,NULL,NULL,NULL,'k','p',0,NULL,'general-1','default','default_no','not_needed','conflict',NULL,NULL,NULL,0,0,NULL,NULL,'?','','','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}');
INSERT INTO "responses" VALUES('resp_0003_interrupted','boris','2026-01-03 09:14:00.123456','general','offline:adviser','advice-1',0,4,5,'pending',NULL,NULL,NULL,NULL,NULL,'k','p',0,NULL,'general-1','default','default_no','verified','interrupted',NULL,NULL,NULL,0,0,NULL,NULL,'?','','','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}','{"version": 1, "items": []}');
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
INSERT INTO "tuning_notes" VALUES('note_0003_0','fantasy-0003','applied','anna','2026-01-03 12:20:00.123456',NULL,'cal_0003_1','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
INSERT INTO "tuning_notes" VALUES('note_0003_1','fantasy-0003','applied','anna','2026-01-03 12:21:00.123456','cal_0003_1','cal_0003_2','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
INSERT INTO "tuning_notes" VALUES('note_0003_2','fantasy-0003','rolled_back','anna','2026-01-03 12:22:00.123456','cal_0003_2','cal_0003_3','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
INSERT INTO "tuning_notes" VALUES('note_0003_10','fantasy-0003','dry_run','anna','2026-01-03 12:30:00.123456','x',NULL,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
INSERT INTO "tuning_notes" VALUES('note_0003_11','fantasy-0003','applied','anna','2026-01-03 12:31:00.123456',NULL,'y','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
INSERT INTO "tuning_notes" VALUES('note_0003_12','fantasy-0003','not_applied','anna','2026-01-03 12:32:00.123456','x',NULL,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
INSERT INTO "tuning_notes" VALUES('note_0003_13','fantasy-0003','conflict','anna','2026-01-03 12:33:00.123456',NULL,'y','a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
INSERT INTO "tuning_notes" VALUES('note_0003_14','fantasy-0003','rolled_back','anna','2026-01-03 12:34:00.123456','x',NULL,'a NUL �, half a pair �, a pair 🏈, ümlaut, "quotes", \ and
lines ');
CREATE TABLE users (
	user_id TEXT NOT NULL, 
	name TEXT, 
	email TEXT, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_users PRIMARY KEY (user_id), 
	CONSTRAINT uq_users_email UNIQUE (email)
);
INSERT INTO "users" VALUES('anna','Anna — Zürich','anna@example.com','2026-01-03 09:00:00.123456');
INSERT INTO "users" VALUES('boris',NULL,NULL,'2026-01-03 09:01:00.123456');
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

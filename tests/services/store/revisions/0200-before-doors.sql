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
INSERT INTO "answers" VALUES('How often must passwords be rotated?','{"version": 1, "items": [{"number": 1, "kind": "passage", "document": {"document_id": "doc_59e7f65c7ef9c5004c95", "version_id": 3020747424854495, "name": "policies/security-policy-v2.md", "title": "Information security policy", "category": "policies", "updated": "2026-02-02", "date_origin": "stated", "authority": 3, "superseded_by": null, "said": null}, "section": "1 Accounts and passwords \u203a 1.1 Password rules", "page": null, "quotes": [{"sentence": {"start": 0, "end": 40}, "span": {"start": 221, "end": 261}, "text": "Passwords must be rotated every 90 days.", "support": 1.0, "weak": false}], "sql": null}]}','{"version": 1, "items": [{"name": "search_knowledge_base", "arguments": "{\"query\":\"How often must passwords be rotated?\"}", "result": "<source n=\"1\" document=\"policies/security-policy-v2.md\" title=\"Information security policy\" category=\"policies\" section=\"1 Accounts and passwords \u203a 1.1 Password rules\" last_updated=\"2026-02-02 (stated)\" standing=\"official\" score=\"0.1616\">\n## 1 Accounts and passwords\n\n### 1.1 Password rules\n\n- Passwords must be rotated every 90 days.\n- A password has at least 14 characters; a sentence of four or more words is recommended.\n- The last 12 passwords must not be used again.\n- Passwords are not shared, not even with the IT team, and are kept only in the company''s password safe \"Larder\".\n\n**Exception.** Service accounts that log in with a key or a certificate have no password and are outside this rule. Their keys are listed in the key register.\n\n### 1.2 Lockout\n\nAfter 6 wrong attempts an account is locked for 30 minutes. The IT help desk can lift the lock earlier after calling the person back on the number in the staff directory.\n\n### 1.3 Second factor\n\nA second factor is required for mail, Ledgerline, the portal''s staff view and all remote access. Only an authenticator app or a hardware key is accepted; text messages are not. Hardware keys are handed out by the IT help desk free of charge, a replacement for a lost one as well.\n</source>\n\n<source n=\"2\" document=\"policies/security-policy-v1.md\" title=\"Information security policy\" category=\"policies\" section=\"1 Accounts and passwords \u203a 1.1 Password rules\" last_updated=\"2023-04-17 (stated)\" standing=\"superseded by policies/security-policy-v2.md of 2026-02-02\" score=\"0.1089\">\n# Information security policy\n\nThis policy applies to everybody who has an account at Skarnholt Cooling.\n\n## 1 Accounts and passwords\n\n### 1.1 Password rules\n\n- Passwords must be changed every 180 days.\n- A password has at least 10 characters, with a digit and a capital letter.\n- The last 5 passwords must not be used again.\n- Passwords are not shared, not even with the IT team.\n\n### 1.2 Lockout\n\nAfter 10 wrong attempts an account is locked for 15 minutes. The IT help desk can lift the lock earlier when it recognises the caller''s voice.\n\n### 1.3 Second factor\n\nA second factor is required for remote access only. Text messages are accepted as a second factor.\n\n## 2 Devices\n\n### 2.1 Screen lock\n\nScreens lock themselves after 15 minutes without input.\n\n### 2.2 Own devices\n\nPrivate telephones may read company mail if the IT team has entered them in its list.\n\n### 2.3 Updates\n\nSecurity updates are installed within 30 days after they have been published.\n\n## 3 Reporting\n\nLost devices, strange mails and suspected break-ins are reported to the IT help desk by the end of the working day. The report is made by telephone on 555-0120.\n\n## 4 Visitors and suppliers\n\nSuppliers who need access to a server sign the confidentiality sheet SC-F-040. Their accounts are closed by hand when the job is done.\n\n## 5 Breaches of this policy\n\nA first breach leads to a talk with the manager, a second to a written warning.\n\n## 6 Review\n\nThe policy is reviewed every 3 years by the Head of IT.\n</source>", "failed": false, "made": null}]}','{"version": 1, "items": []}','offline:extractive','chat-1-274fc283',NULL,NULL,'0',220,'2026-11-24 15:29:23.864851',0,'ans_01M872T3ESM1WSXP5AGEYZR3TA','chat_01M872T3ESM1WSXP5AGEYZR3TB','local',NULL,'Passwords must be rotated every 90 days. [1] (From the version of 2026-02-02; it replaces the one of 2023-04-17.)','answered',NULL,NULL,NULL,NULL,'grounded');
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
CREATE TABLE calibrations (
    profile TEXT NOT NULL,
    version_id TEXT NOT NULL,
    CONSTRAINT pk_calibrations PRIMARY KEY (profile),
    CONSTRAINT fk_calibrations_version_id_calibration_versions FOREIGN KEY(version_id) REFERENCES calibration_versions (version_id)
);
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
INSERT INTO "conversation_changes" VALUES(1,'','3480AA856DBD9513');
INSERT INTO "conversation_changes" VALUES(2,'chat_01M872T3ESM1WSXP5AGEYZR3TB','3D64B0EF48F289E5');
INSERT INTO "conversation_changes" VALUES(3,'chat_01M872T3ESM1WSXP5AGEYZR3TB','278ADB4CEEF64A20');
INSERT INTO "conversation_changes" VALUES(4,'chat_01M872T3ESM1WSXP5AGEYZR3TB','8BDEB1B2D06097D6');
CREATE TABLE conversation_memories (
    chat_id TEXT NOT NULL,
    embedder TEXT NOT NULL,
    digest TEXT NOT NULL,
    vector BLOB NOT NULL,
    CONSTRAINT pk_conversation_memories PRIMARY KEY (chat_id),
    CONSTRAINT fk_conversation_memories_chat_id_conversation_summaries FOREIGN KEY(chat_id) REFERENCES conversation_summaries (chat_id) ON DELETE CASCADE
);
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
INSERT INTO "conversations" VALUES('chat_01M872T3ESM1WSXP5AGEYZR3TB','local',NULL,'How often must passwords be rotated?','ans_01M872T3ESM1WSXP5AGEYZR3TA','2026-11-24 15:29:23.417735','2026-11-24 15:29:23.864851',NULL,NULL,'grounded');
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
CREATE TABLE file_objects (
    "key" TEXT NOT NULL,
    announced_until DATETIME NOT NULL,
    CONSTRAINT pk_file_objects PRIMARY KEY ("key")
);
CREATE TABLE import_payloads (
    chat_id TEXT NOT NULL,
    payload BLOB NOT NULL,
    CONSTRAINT pk_import_payloads PRIMARY KEY (chat_id),
    CONSTRAINT fk_import_payloads_chat_id_imports FOREIGN KEY(chat_id) REFERENCES imports (chat_id) ON DELETE CASCADE
);
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
CREATE TABLE leases (
    lease_id TEXT NOT NULL,
    name TEXT NOT NULL,
    until DATETIME NOT NULL,
    cancelled BOOLEAN NOT NULL,
    CONSTRAINT pk_leases PRIMARY KEY (lease_id)
);
CREATE TABLE link_secrets (
    name TEXT NOT NULL,
    secret TEXT NOT NULL,
    CONSTRAINT pk_link_secrets PRIMARY KEY (name)
);
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
INSERT INTO "messages" VALUES('msg_01M872T3ESM1WSXP5AGEYZR3TC','chat_01M872T3ESM1WSXP5AGEYZR3TB',NULL,'user',NULL,'How often must passwords be rotated?','{"version": 1, "items": []}',NULL,'2026-11-24 15:29:23.417735',0,NULL);
INSERT INTO "messages" VALUES('ans_01M872T3ESM1WSXP5AGEYZR3TA','chat_01M872T3ESM1WSXP5AGEYZR3TB','msg_01M872T3ESM1WSXP5AGEYZR3TC','assistant',NULL,'Passwords must be rotated every 90 days. [1] (From the version of 2026-02-02; it replaces the one of 2023-04-17.)','{"version": 1, "items": [{"kind": "step"}, {"call_id": "pyd_ai_ea788def819d472e9199f7f7442cee23", "name": "search_knowledge_base", "arguments": "{\"query\":\"How often must passwords be rotated?\"}", "result": "<source n=\"1\" document=\"policies/security-policy-v2.md\" title=\"Information security policy\" category=\"policies\" section=\"1 Accounts and passwords \u203a 1.1 Password rules\" last_updated=\"2026-02-02 (stated)\" standing=\"official\" score=\"0.1616\">\n## 1 Accounts and passwords\n\n### 1.1 Password rules\n\n- Passwords must be rotated every 90 days.\n- A password has at least 14 characters; a sentence of four or more words is recommended.\n- The last 12 passwords must not be used again.\n- Passwords are not shared, not even with the IT team, and are kept only in the company''s password safe \"Larder\".\n\n**Exception.** Service accounts that log in with a key or a certificate have no password and are outside this rule. Their keys are listed in the key register.\n\n### 1.2 Lockout\n\nAfter 6 wrong attempts an account is locked for 30 minutes. The IT help desk can lift the lock earlier after calling the person back on the number in the staff directory.\n\n### 1.3 Second factor\n\nA second factor is required for mail, Ledgerline, the portal''s staff view and all remote access. Only an authenticator app or a hardware key is accepted; text messages are not. Hardware keys are handed out by the IT help desk free of charge, a replacement for a lost one as well.\n</source>\n\n<source n=\"2\" document=\"policies/security-policy-v1.md\" title=\"Information security policy\" category=\"policies\" section=\"1 Accounts and passwords \u203a 1.1 Password rules\" last_updated=\"2023-04-17 (stated)\" standing=\"superseded by policies/security-policy-v2.md of 2026-02-02\" score=\"0.1089\">\n# Information security policy\n\nThis policy applies to everybody who has an account at Skarnholt Cooling.\n\n## 1 Accounts and passwords\n\n### 1.1 Password rules\n\n- Passwords must be changed every 180 days.\n- A password has at least 10 characters, with a digit and a capital letter.\n- The last 5 passwords must not be used again.\n- Passwords are not shared, not even with the IT team.\n\n### 1.2 Lockout\n\nAfter 10 wrong attempts an account is locked for 15 minutes. The IT help desk can lift the lock earlier when it recognises the caller''s voice.\n\n### 1.3 Second factor\n\nA second factor is required for remote access only. Text messages are accepted as a second factor.\n\n## 2 Devices\n\n### 2.1 Screen lock\n\nScreens lock themselves after 15 minutes without input.\n\n### 2.2 Own devices\n\nPrivate telephones may read company mail if the IT team has entered them in its list.\n\n### 2.3 Updates\n\nSecurity updates are installed within 30 days after they have been published.\n\n## 3 Reporting\n\nLost devices, strange mails and suspected break-ins are reported to the IT help desk by the end of the working day. The report is made by telephone on 555-0120.\n\n## 4 Visitors and suppliers\n\nSuppliers who need access to a server sign the confidentiality sheet SC-F-040. Their accounts are closed by hand when the job is done.\n\n## 5 Breaches of this policy\n\nA first breach leads to a talk with the manager, a second to a written warning.\n\n## 6 Review\n\nThe policy is reviewed every 3 years by the Head of IT.\n</source>", "failed": false, "kind": "tool"}, {"kind": "step"}, {"text": "Passwords must be rotated every 90 days. [1] (From the version of 2026-02-02; it replaces the one of 2023-04-17.)", "kind": "text"}]}','[{"parts":[{"content":"How often must passwords be rotated?","timestamp":"2026-11-24T15:29:23.650858Z","part_kind":"user-prompt"}],"timestamp":"2026-11-24T15:29:23.651203Z","instructions":null,"kind":"request","run_id":"01a20e2d-0ebd-7406-9bcf-03b23f552929","conversation_id":"01a20e2d-0ebd-7406-9bcf-03b39c0e4db7","metadata":null,"state":"complete"},{"parts":[{"tool_name":"search_knowledge_base","args":"{\"query\": \"How often must passwords be rotated?\"}","tool_call_id":"pyd_ai_ea788def819d472e9199f7f7442cee23","tool_kind":null,"id":null,"provider_name":null,"provider_details":null,"part_kind":"tool-call"}],"usage":{"input_tokens":50,"cache_write_tokens":0,"cache_write_1h_tokens":0,"cache_read_tokens":0,"output_tokens":9,"output_reasoning_tokens":0,"input_audio_tokens":0,"cache_audio_read_tokens":0,"output_audio_tokens":0,"audio_seconds":0.0,"details":{},"cost":null},"model_name":"extractive","model_id":"function:extractive","timestamp":"2026-11-24T15:29:23.708144Z","kind":"response","provider_name":null,"provider_url":null,"canonical_system":null,"provider_details":null,"provider_response_id":null,"finish_reason":null,"run_id":"01a20e2d-0ebd-7406-9bcf-03b23f552929","conversation_id":"01a20e2d-0ebd-7406-9bcf-03b39c0e4db7","metadata":null,"workspace_ref":null,"history_digest":null,"failed_attempts":null,"state":"complete"},{"parts":[{"tool_name":"search_knowledge_base","content":"<source n=\"1\" document=\"policies/security-policy-v2.md\" title=\"Information security policy\" category=\"policies\" section=\"1 Accounts and passwords › 1.1 Password rules\" last_updated=\"2026-02-02 (stated)\" standing=\"official\" score=\"0.1616\">\n## 1 Accounts and passwords\n\n### 1.1 Password rules\n\n- Passwords must be rotated every 90 days.\n- A password has at least 14 characters; a sentence of four or more words is recommended.\n- The last 12 passwords must not be used again.\n- Passwords are not shared, not even with the IT team, and are kept only in the company''s password safe \"Larder\".\n\n**Exception.** Service accounts that log in with a key or a certificate have no password and are outside this rule. Their keys are listed in the key register.\n\n### 1.2 Lockout\n\nAfter 6 wrong attempts an account is locked for 30 minutes. The IT help desk can lift the lock earlier after calling the person back on the number in the staff directory.\n\n### 1.3 Second factor\n\nA second factor is required for mail, Ledgerline, the portal''s staff view and all remote access. Only an authenticator app or a hardware key is accepted; text messages are not. Hardware keys are handed out by the IT help desk free of charge, a replacement for a lost one as well.\n</source>\n\n<source n=\"2\" document=\"policies/security-policy-v1.md\" title=\"Information security policy\" category=\"policies\" section=\"1 Accounts and passwords › 1.1 Password rules\" last_updated=\"2023-04-17 (stated)\" standing=\"superseded by policies/security-policy-v2.md of 2026-02-02\" score=\"0.1089\">\n# Information security policy\n\nThis policy applies to everybody who has an account at Skarnholt Cooling.\n\n## 1 Accounts and passwords\n\n### 1.1 Password rules\n\n- Passwords must be changed every 180 days.\n- A password has at least 10 characters, with a digit and a capital letter.\n- The last 5 passwords must not be used again.\n- Passwords are not shared, not even with the IT team.\n\n### 1.2 Lockout\n\nAfter 10 wrong attempts an account is locked for 15 minutes. The IT help desk can lift the lock earlier when it recognises the caller''s voice.\n\n### 1.3 Second factor\n\nA second factor is required for remote access only. Text messages are accepted as a second factor.\n\n## 2 Devices\n\n### 2.1 Screen lock\n\nScreens lock themselves after 15 minutes without input.\n\n### 2.2 Own devices\n\nPrivate telephones may read company mail if the IT team has entered them in its list.\n\n### 2.3 Updates\n\nSecurity updates are installed within 30 days after they have been published.\n\n## 3 Reporting\n\nLost devices, strange mails and suspected break-ins are reported to the IT help desk by the end of the working day. The report is made by telephone on 555-0120.\n\n## 4 Visitors and suppliers\n\nSuppliers who need access to a server sign the confidentiality sheet SC-F-040. Their accounts are closed by hand when the job is done.\n\n## 5 Breaches of this policy\n\nA first breach leads to a talk with the manager, a second to a written warning.\n\n## 6 Review\n\nThe policy is reviewed every 3 years by the Head of IT.\n</source>","tool_call_id":"pyd_ai_ea788def819d472e9199f7f7442cee23","tool_kind":null,"metadata":null,"timestamp":"2026-11-24T15:29:23.833750Z","outcome":"success","retry":null,"part_kind":"tool-return"}],"timestamp":"2026-11-24T15:29:23.834645Z","instructions":null,"kind":"request","run_id":"01a20e2d-0ebd-7406-9bcf-03b23f552929","conversation_id":"01a20e2d-0ebd-7406-9bcf-03b39c0e4db7","metadata":null,"state":"complete"},{"parts":[{"content":"Passwords must be rotated every 90 days. [1] (From the version of 2026-02-02; it replaces the one of 2023-04-17.)","id":null,"provider_name":null,"provider_details":null,"citations":null,"part_kind":"text"}],"usage":{"input_tokens":50,"cache_write_tokens":0,"cache_write_1h_tokens":0,"cache_read_tokens":0,"output_tokens":24,"output_reasoning_tokens":0,"input_audio_tokens":0,"cache_audio_read_tokens":0,"output_audio_tokens":0,"audio_seconds":0.0,"details":{},"cost":null},"model_name":"extractive","model_id":"function:extractive","timestamp":"2026-11-24T15:29:23.859496Z","kind":"response","provider_name":null,"provider_url":null,"canonical_system":null,"provider_details":null,"provider_response_id":null,"finish_reason":null,"run_id":"01a20e2d-0ebd-7406-9bcf-03b23f552929","conversation_id":"01a20e2d-0ebd-7406-9bcf-03b39c0e4db7","metadata":null,"workspace_ref":null,"history_digest":null,"failed_attempts":null,"state":"complete"}]','2026-11-24 15:29:23.864851',0,NULL);
CREATE TABLE model_defaults (
    purpose TEXT NOT NULL,
    model TEXT NOT NULL,
    author TEXT NOT NULL,
    updated_at DATETIME NOT NULL,
    CONSTRAINT pk_model_defaults PRIMARY KEY (purpose)
);
CREATE TABLE model_outputs (
    "key" TEXT NOT NULL,
    output TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    CONSTRAINT pk_model_outputs PRIMARY KEY ("key")
);
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
CREATE TABLE project_drafts (
    draft_id TEXT NOT NULL,
    active_version_id TEXT,
    CONSTRAINT pk_project_drafts PRIMARY KEY (draft_id),
    CONSTRAINT fk_project_drafts_draft_id_conversations FOREIGN KEY(draft_id) REFERENCES conversations (chat_id) ON DELETE CASCADE
);
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
CREATE TABLE prompt_labels (
    prompt_id TEXT NOT NULL,
    label TEXT NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT pk_prompt_labels PRIMARY KEY (prompt_id, label),
    CONSTRAINT fk_prompt_labels_prompt_id_prompts FOREIGN KEY(prompt_id) REFERENCES prompts (prompt_id)
);
CREATE TABLE prompt_tags (
    tag TEXT NOT NULL,
    prompt_id TEXT NOT NULL,
    CONSTRAINT pk_prompt_tags PRIMARY KEY (tag, prompt_id),
    CONSTRAINT fk_prompt_tags_prompt_id_prompts FOREIGN KEY(prompt_id) REFERENCES prompts (prompt_id)
);
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
CREATE TABLE rates (
    name TEXT NOT NULL,
    full_at DATETIME NOT NULL,
    CONSTRAINT pk_rates PRIMARY KEY (name)
);
CREATE TABLE relayed_pieces (
    turn_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    text TEXT,
    asked_at DATETIME,
    CONSTRAINT pk_relayed_pieces PRIMARY KEY (turn_id, place)
);
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
CREATE TABLE sign_in_attempts (
    digest TEXT NOT NULL,
    expires_at DATETIME NOT NULL,
    return_to TEXT,
    CONSTRAINT pk_sign_in_attempts PRIMARY KEY (digest)
);
CREATE TABLE summary_submissions (
    run_id TEXT NOT NULL,
    external_id TEXT NOT NULL,
    submitted_at DATETIME NOT NULL,
    CONSTRAINT pk_summary_submissions PRIMARY KEY (run_id),
    CONSTRAINT fk_summary_submissions_run_id_jobs FOREIGN KEY(run_id) REFERENCES jobs (job_id) ON DELETE CASCADE
);
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
CREATE TABLE user_sessions (
    digest TEXT NOT NULL,
    user_id TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    expires_at DATETIME NOT NULL,
    seen_at DATETIME NOT NULL,
    CONSTRAINT pk_user_sessions PRIMARY KEY (digest),
    CONSTRAINT fk_user_sessions_user_id_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON DELETE CASCADE
);
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
INSERT INTO "users" VALUES('local',NULL,NULL,'2026-11-24 15:29:23.417735',NULL,NULL,NULL,NULL);
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

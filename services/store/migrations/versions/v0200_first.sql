CREATE TABLE calibration_versions (
    version_id $id NOT NULL,
    parent_id $id,
    profile $id NOT NULL,
    kind TEXT NOT NULL,
    maps JSON NOT NULL,
    author TEXT NOT NULL,
    created_at $moment NOT NULL,
    n BIGINT NOT NULL,
    window_from $moment,
    window_to $moment,
    restores $id,
    reason TEXT NOT NULL,
    CONSTRAINT pk_calibration_versions PRIMARY KEY (version_id),
    CONSTRAINT fk_calibration_versions_parent_id_calibration_versions FOREIGN KEY(parent_id) REFERENCES calibration_versions (version_id)
);
CREATE INDEX ix_calibration_versions_profile_created_at_version_id ON calibration_versions (profile, created_at, version_id);
CREATE TABLE conversation_changes (
    change_id $serial NOT NULL,
    chat_id $id NOT NULL,
    token TEXT NOT NULL,
    CONSTRAINT pk_conversation_changes PRIMARY KEY (change_id)
);
CREATE TABLE datasets (
    dataset_id $id NOT NULL,
    user_id $id NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    case_id $id,
    schema JSON NOT NULL,
    version BIGINT NOT NULL,
    item_count BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    drafting BOOLEAN NOT NULL,
    created_at $moment NOT NULL,
    updated_at $moment NOT NULL,
    deleted_at $moment,
    CONSTRAINT pk_datasets PRIMARY KEY (dataset_id)
);
CREATE INDEX ix_datasets_case_id ON datasets (case_id);
CREATE INDEX ix_datasets_created_at_dataset_id ON datasets (created_at, dataset_id);
CREATE TABLE file_objects (
    "key" $id NOT NULL,
    announced_until $moment NOT NULL,
    CONSTRAINT pk_file_objects PRIMARY KEY ("key")
);
CREATE TABLE jobs (
    job_id $id NOT NULL,
    kind $id NOT NULL,
    user_id $id NOT NULL,
    name TEXT NOT NULL,
    spec TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at $moment NOT NULL,
    total BIGINT NOT NULL,
    planned BOOLEAN NOT NULL,
    cancelled BOOLEAN NOT NULL,
    budget $decimal,
    spent $decimal NOT NULL,
    tick BIGINT NOT NULL,
    reason TEXT NOT NULL,
    started_at $moment,
    ended_at $moment,
    CONSTRAINT pk_jobs PRIMARY KEY (job_id)
);
CREATE INDEX ix_jobs_kind_created_at_job_id ON jobs (kind, created_at, job_id);
CREATE TABLE leases (
    lease_id $id NOT NULL,
    name $id NOT NULL,
    until $moment NOT NULL,
    cancelled BOOLEAN NOT NULL,
    CONSTRAINT pk_leases PRIMARY KEY (lease_id)
);
CREATE INDEX ix_leases_name ON leases (name);
CREATE TABLE link_secrets (
    name $id NOT NULL,
    secret TEXT NOT NULL,
    CONSTRAINT pk_link_secrets PRIMARY KEY (name)
);
CREATE TABLE model_defaults (
    purpose $id NOT NULL,
    model TEXT NOT NULL,
    author $id NOT NULL,
    updated_at $moment NOT NULL,
    CONSTRAINT pk_model_defaults PRIMARY KEY (purpose)
);
CREATE TABLE model_outputs (
    "key" $id NOT NULL,
    output TEXT NOT NULL,
    created_at $moment NOT NULL,
    CONSTRAINT pk_model_outputs PRIMARY KEY ("key")
);
CREATE TABLE projects (
    project_id $id NOT NULL,
    user_id $id NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    revision BIGINT NOT NULL,
    created_at $moment NOT NULL,
    updated_at $moment NOT NULL,
    deleted_at $moment,
    CONSTRAINT pk_projects PRIMARY KEY (project_id)
);
CREATE INDEX ix_projects_created_at_project_id ON projects (created_at, project_id);
CREATE TABLE prompts (
    prompt_id $id NOT NULL,
    user_id $id NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    purpose $id,
    case_id $id,
    tags JSON NOT NULL,
    revision BIGINT NOT NULL,
    latest BIGINT NOT NULL,
    created_at $moment NOT NULL,
    updated_at $moment NOT NULL,
    deleted_at $moment,
    CONSTRAINT pk_prompts PRIMARY KEY (prompt_id),
    CONSTRAINT uq_prompts_purpose UNIQUE (purpose)
);
CREATE INDEX ix_prompts_case_id ON prompts (case_id);
CREATE INDEX ix_prompts_created_at_prompt_id ON prompts (created_at, prompt_id);
CREATE TABLE rates (
    name $id NOT NULL,
    full_at $moment NOT NULL,
    CONSTRAINT pk_rates PRIMARY KEY (name)
);
CREATE TABLE relayed_pieces (
    turn_id $id NOT NULL,
    place INTEGER NOT NULL,
    text TEXT,
    asked_at $moment,
    CONSTRAINT pk_relayed_pieces PRIMARY KEY (turn_id, place)
);
CREATE TABLE sign_in_attempts (
    digest $id NOT NULL,
    expires_at $moment NOT NULL,
    return_to TEXT,
    CONSTRAINT pk_sign_in_attempts PRIMARY KEY (digest)
);
CREATE INDEX ix_sign_in_attempts_expires_at ON sign_in_attempts (expires_at);
CREATE TABLE tuning_notes (
    note_id $id NOT NULL,
    profile $id NOT NULL,
    action TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at $moment NOT NULL,
    from_version $id,
    to_version $id,
    reason TEXT NOT NULL,
    CONSTRAINT pk_tuning_notes PRIMARY KEY (note_id)
);
CREATE INDEX ix_tuning_notes_profile_created_at_note_id ON tuning_notes (profile, created_at, note_id);
CREATE TABLE users (
    user_id $id NOT NULL,
    name TEXT,
    email $id,
    created_at $moment NOT NULL,
    issuer $id,
    subject $id,
    is_admin BOOLEAN,
    deactivated_at $moment,
    CONSTRAINT pk_users PRIMARY KEY (user_id),
    CONSTRAINT uq_users_email UNIQUE (email)
);
CREATE UNIQUE INDEX ix_users_issuer_subject ON users (issuer, subject);
CREATE TABLE api_keys (
    key_id $id NOT NULL,
    prefix $id NOT NULL,
    digest $id NOT NULL,
    user_id $id NOT NULL,
    label TEXT NOT NULL,
    scopes JSON NOT NULL,
    created_at $moment NOT NULL,
    expires_at $moment,
    last_used_at $moment,
    revoked_at $moment,
    tokens_per_day BIGINT,
    cost_per_day $decimal,
    CONSTRAINT pk_api_keys PRIMARY KEY (key_id),
    CONSTRAINT uq_api_keys_prefix UNIQUE (prefix),
    CONSTRAINT fk_api_keys_user_id_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON DELETE CASCADE
);
CREATE INDEX ix_api_keys_user_id ON api_keys (user_id);
CREATE TABLE calibrations (
    profile $id NOT NULL,
    version_id $id NOT NULL,
    CONSTRAINT pk_calibrations PRIMARY KEY (profile),
    CONSTRAINT fk_calibrations_version_id_calibration_versions FOREIGN KEY(version_id) REFERENCES calibration_versions (version_id)
);
CREATE TABLE conversations (
    chat_id $id NOT NULL,
    user_id $id NOT NULL,
    client_id $id,
    title TEXT NOT NULL,
    leaf_id $id,
    created_at $moment NOT NULL,
    updated_at $moment NOT NULL,
    locked_at $moment,
    draft_of $id,
    mode TEXT,
    CONSTRAINT pk_conversations PRIMARY KEY (chat_id),
    CONSTRAINT uq_conversations_client_id_user_id UNIQUE (client_id, user_id),
    CONSTRAINT fk_conversations_user_id_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX ix_conversations_draft_of ON conversations (draft_of);
CREATE INDEX ix_conversations_updated_at_chat_id ON conversations (updated_at, chat_id);
CREATE INDEX ix_conversations_user_id_updated_at_chat_id ON conversations (user_id, updated_at, chat_id);
CREATE TABLE dataset_items (
    dataset_id $id NOT NULL,
    place BIGINT NOT NULL,
    since BIGINT NOT NULL,
    until BIGINT,
    seen BIGINT NOT NULL,
    "key" $id NOT NULL,
    digest $id NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT pk_dataset_items PRIMARY KEY (dataset_id, place, since),
    CONSTRAINT fk_dataset_items_dataset_id_datasets FOREIGN KEY(dataset_id) REFERENCES datasets (dataset_id)
);
CREATE UNIQUE INDEX ix_dataset_items_dataset_id_key_since ON dataset_items (dataset_id, "key", since);
CREATE TABLE dataset_versions (
    dataset_id $id NOT NULL,
    number BIGINT NOT NULL,
    digest $id NOT NULL,
    item_count BIGINT NOT NULL,
    created_at $moment NOT NULL,
    author $id NOT NULL,
    note TEXT NOT NULL,
    CONSTRAINT pk_dataset_versions PRIMARY KEY (dataset_id, number),
    CONSTRAINT fk_dataset_versions_dataset_id_datasets FOREIGN KEY(dataset_id) REFERENCES datasets (dataset_id)
);
CREATE TABLE eval_feedback (
    run_id $id NOT NULL,
    place BIGINT NOT NULL,
    assertion $id NOT NULL,
    person $id NOT NULL,
    passed BOOLEAN NOT NULL,
    output_digest $id NOT NULL,
    created_at $moment NOT NULL,
    note TEXT NOT NULL,
    CONSTRAINT pk_eval_feedback PRIMARY KEY (run_id, place, assertion, person),
    CONSTRAINT fk_eval_feedback_run_id_jobs FOREIGN KEY(run_id) REFERENCES jobs (job_id) ON DELETE CASCADE
);
CREATE TABLE job_items (
    job_id $id NOT NULL,
    place BIGINT NOT NULL,
    "key" $id NOT NULL,
    group_name TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    finishes BIGINT NOT NULL,
    cost $decimal NOT NULL,
    tick BIGINT NOT NULL,
    holder $id,
    error TEXT,
    brief TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT pk_job_items PRIMARY KEY (job_id, place),
    CONSTRAINT uq_job_items_job_id_key UNIQUE (job_id, "key"),
    CONSTRAINT fk_job_items_job_id_jobs FOREIGN KEY(job_id) REFERENCES jobs (job_id) ON DELETE CASCADE
);
CREATE INDEX ix_job_items_job_id_state_place ON job_items (job_id, state, place);
CREATE INDEX ix_job_items_job_id_tick ON job_items (job_id, tick);
CREATE TABLE label_moves (
    move_id $id NOT NULL,
    prompt_id $id NOT NULL,
    label $id NOT NULL,
    from_version BIGINT,
    to_version BIGINT,
    author $id NOT NULL,
    moved_at $moment NOT NULL,
    evidence $id,
    reason TEXT NOT NULL,
    CONSTRAINT pk_label_moves PRIMARY KEY (move_id),
    CONSTRAINT fk_label_moves_prompt_id_prompts FOREIGN KEY(prompt_id) REFERENCES prompts (prompt_id)
);
CREATE INDEX ix_label_moves_prompt_id_moved_at_move_id ON label_moves (prompt_id, moved_at, move_id);
CREATE TABLE prompt_cases (
    case_id $id NOT NULL,
    project_id $id NOT NULL,
    user_id $id NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    owner TEXT NOT NULL,
    success_criteria TEXT NOT NULL,
    default_assertions JSON NOT NULL,
    default_dataset_id $id,
    revision BIGINT NOT NULL,
    created_at $moment NOT NULL,
    updated_at $moment NOT NULL,
    deleted_at $moment,
    CONSTRAINT pk_prompt_cases PRIMARY KEY (case_id),
    CONSTRAINT fk_prompt_cases_project_id_projects FOREIGN KEY(project_id) REFERENCES projects (project_id)
);
CREATE INDEX ix_prompt_cases_project_id_created_at_case_id ON prompt_cases (project_id, created_at, case_id);
CREATE TABLE prompt_labels (
    prompt_id $id NOT NULL,
    label $id NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT pk_prompt_labels PRIMARY KEY (prompt_id, label),
    CONSTRAINT fk_prompt_labels_prompt_id_prompts FOREIGN KEY(prompt_id) REFERENCES prompts (prompt_id)
);
CREATE TABLE prompt_tags (
    tag $id NOT NULL,
    prompt_id $id NOT NULL,
    CONSTRAINT pk_prompt_tags PRIMARY KEY (tag, prompt_id),
    CONSTRAINT fk_prompt_tags_prompt_id_prompts FOREIGN KEY(prompt_id) REFERENCES prompts (prompt_id)
);
CREATE TABLE prompt_versions (
    prompt_id $id NOT NULL,
    number BIGINT NOT NULL,
    digest $id NOT NULL,
    content JSON NOT NULL,
    message TEXT NOT NULL,
    author $id NOT NULL,
    created_at $moment NOT NULL,
    CONSTRAINT pk_prompt_versions PRIMARY KEY (prompt_id, number),
    CONSTRAINT fk_prompt_versions_prompt_id_prompts FOREIGN KEY(prompt_id) REFERENCES prompts (prompt_id)
);
CREATE UNIQUE INDEX ix_prompt_versions_prompt_id_digest ON prompt_versions (prompt_id, digest);
CREATE TABLE report_links (
    link_id $id NOT NULL,
    run_id $id NOT NULL,
    user_id $id NOT NULL,
    redaction JSON NOT NULL,
    created_at $moment NOT NULL,
    expires_at $moment NOT NULL,
    digest $id NOT NULL,
    revoked_at $moment,
    CONSTRAINT pk_report_links PRIMARY KEY (link_id),
    CONSTRAINT fk_report_links_run_id_jobs FOREIGN KEY(run_id) REFERENCES jobs (job_id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX ix_report_links_digest ON report_links (digest);
CREATE INDEX ix_report_links_run_id ON report_links (run_id);
CREATE TABLE responses (
    question TEXT NOT NULL,
    sources JSON NOT NULL,
    tool_calls JSON NOT NULL,
    notices JSON NOT NULL,
    model $id NOT NULL,
    prompt_version $id NOT NULL,
    input_tokens BIGINT,
    output_tokens BIGINT,
    cost $decimal,
    latency_ms BIGINT NOT NULL,
    created_at $moment NOT NULL,
    interrupted BOOLEAN NOT NULL,
    door TEXT NOT NULL,
    response_id $id NOT NULL,
    user_id $id NOT NULL,
    profile $id NOT NULL,
    web_search_used BOOLEAN NOT NULL,
    stated_bp BIGINT,
    calibrated_bp BIGINT,
    outcome TEXT NOT NULL,
    feedback_at $moment,
    helpful BOOLEAN,
    event_key $id,
    event_ends DATE,
    period BIGINT,
    phrase_key TEXT,
    phrase TEXT,
    phrase_capped BOOLEAN,
    calibration_id $id,
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
CREATE INDEX ix_responses_created_at_response_id ON responses (created_at, response_id);
CREATE INDEX ix_responses_profile_created_at_response_id ON responses (profile, created_at, response_id);
CREATE INDEX ix_responses_user_id_created_at_response_id ON responses (user_id, created_at, response_id);
CREATE TABLE summary_submissions (
    run_id $id NOT NULL,
    external_id $id NOT NULL,
    submitted_at $moment NOT NULL,
    CONSTRAINT pk_summary_submissions PRIMARY KEY (run_id),
    CONSTRAINT fk_summary_submissions_run_id_jobs FOREIGN KEY(run_id) REFERENCES jobs (job_id) ON DELETE CASCADE
);
CREATE TABLE user_sessions (
    digest $id NOT NULL,
    user_id $id NOT NULL,
    created_at $moment NOT NULL,
    expires_at $moment NOT NULL,
    seen_at $moment NOT NULL,
    CONSTRAINT pk_user_sessions PRIMARY KEY (digest),
    CONSTRAINT fk_user_sessions_user_id_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON DELETE CASCADE
);
CREATE INDEX ix_user_sessions_expires_at ON user_sessions (expires_at);
CREATE INDEX ix_user_sessions_user_id ON user_sessions (user_id);
CREATE TABLE answers (
    question TEXT NOT NULL,
    sources JSON NOT NULL,
    tool_calls JSON NOT NULL,
    notices JSON NOT NULL,
    model TEXT NOT NULL,
    prompt_version TEXT NOT NULL,
    input_tokens BIGINT,
    output_tokens BIGINT,
    cost $decimal,
    latency_ms BIGINT NOT NULL,
    created_at $moment NOT NULL,
    interrupted BOOLEAN NOT NULL,
    door TEXT NOT NULL,
    answer_id $id NOT NULL,
    chat_id $id,
    user_id $id NOT NULL,
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
CREATE INDEX ix_answers_chat_id ON answers (chat_id);
CREATE INDEX ix_answers_created_at_answer_id ON answers (created_at, answer_id);
CREATE INDEX ix_answers_user_id_created_at_answer_id ON answers (user_id, created_at, answer_id);
CREATE TABLE conversation_projects (
    project_id $id NOT NULL,
    conversation_id $id NOT NULL,
    tracker TEXT NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    state TEXT NOT NULL,
    created_by $id NOT NULL,
    created_at $moment NOT NULL,
    url TEXT,
    CONSTRAINT pk_conversation_projects PRIMARY KEY (project_id),
    CONSTRAINT uq_conversation_projects_conversation_id UNIQUE (conversation_id),
    CONSTRAINT fk_conversation_projects_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (chat_id) ON DELETE CASCADE
);
CREATE TABLE conversation_summaries (
    chat_id $id NOT NULL,
    run_id $id,
    text TEXT NOT NULL,
    method TEXT,
    model TEXT NOT NULL,
    messages BIGINT NOT NULL,
    made_at $moment,
    edited TEXT,
    edited_at $moment,
    CONSTRAINT pk_conversation_summaries PRIMARY KEY (chat_id),
    CONSTRAINT fk_conversation_summaries_chat_id_conversations FOREIGN KEY(chat_id) REFERENCES conversations (chat_id) ON DELETE CASCADE
);
CREATE TABLE feedback (
    feedback_id $id NOT NULL,
    response_id $id NOT NULL,
    outcome TEXT,
    helpful BOOLEAN,
    notes TEXT,
    judge TEXT NOT NULL,
    "key" $id,
    created_at $moment NOT NULL,
    superseded_at $moment,
    CONSTRAINT pk_feedback PRIMARY KEY (feedback_id),
    CONSTRAINT uq_feedback_response_id_key UNIQUE (response_id, "key"),
    CONSTRAINT fk_feedback_response_id_responses FOREIGN KEY(response_id) REFERENCES responses (response_id) ON DELETE CASCADE
);
CREATE TABLE file_attachments (
    file_id $id NOT NULL,
    chat_id $id NOT NULL,
    user_id $id NOT NULL,
    name $id NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 $id NOT NULL,
    "key" $id NOT NULL,
    created_at $moment NOT NULL,
    characters BIGINT,
    text_note TEXT NOT NULL,
    text TEXT,
    summary_text TEXT,
    summary_model TEXT,
    summarised_at $moment,
    summary_run_id $id,
    CONSTRAINT pk_file_attachments PRIMARY KEY (file_id),
    CONSTRAINT uq_file_attachments_chat_id_sha256_name UNIQUE (chat_id, sha256, name),
    CONSTRAINT fk_file_attachments_chat_id_conversations FOREIGN KEY(chat_id) REFERENCES conversations (chat_id) ON DELETE CASCADE,
    CONSTRAINT uq_file_attachments_key UNIQUE ("key"),
    CONSTRAINT fk_file_attachments_key_file_objects FOREIGN KEY("key") REFERENCES file_objects ("key")
);
CREATE INDEX ix_file_attachments_chat_id_created_at_file_id_summarised_at ON file_attachments (chat_id, created_at, file_id, summarised_at);
CREATE TABLE imports (
    chat_id $id NOT NULL,
    user_id $id NOT NULL,
    source $id NOT NULL,
    source_id $id NOT NULL,
    url $id NOT NULL,
    title TEXT NOT NULL,
    shown_title TEXT NOT NULL,
    model TEXT NOT NULL,
    project TEXT NOT NULL,
    source_created_at $moment,
    source_updated_at $moment,
    imported_at $moment NOT NULL,
    parser_version BIGINT NOT NULL,
    raw_digest $id NOT NULL,
    report JSON NOT NULL,
    CONSTRAINT pk_imports PRIMARY KEY (chat_id),
    CONSTRAINT uq_imports_user_id_source_source_id UNIQUE (user_id, source, source_id),
    CONSTRAINT fk_imports_chat_id_conversations FOREIGN KEY(chat_id) REFERENCES conversations (chat_id) ON DELETE CASCADE
);
CREATE INDEX ix_imports_user_id_raw_digest ON imports (user_id, raw_digest);
CREATE INDEX ix_imports_user_id_url ON imports (user_id, url);
CREATE TABLE key_usage (
    key_id $id NOT NULL,
    day DATE NOT NULL,
    answers BIGINT NOT NULL,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    cost $decimal NOT NULL,
    estimated BIGINT NOT NULL,
    CONSTRAINT pk_key_usage PRIMARY KEY (key_id, day),
    CONSTRAINT fk_key_usage_key_id_api_keys FOREIGN KEY(key_id) REFERENCES api_keys (key_id) ON DELETE CASCADE
);
CREATE TABLE messages (
    message_id $id NOT NULL,
    chat_id $id NOT NULL,
    parent_id $id,
    role TEXT NOT NULL,
    client_id $id,
    text TEXT NOT NULL,
    parts JSON NOT NULL,
    model_messages TEXT,
    created_at $moment NOT NULL,
    hidden BOOLEAN,
    reply JSON,
    CONSTRAINT pk_messages PRIMARY KEY (message_id),
    CONSTRAINT fk_messages_chat_id_conversations FOREIGN KEY(chat_id) REFERENCES conversations (chat_id) ON DELETE CASCADE,
    CONSTRAINT fk_messages_parent_id_messages FOREIGN KEY(parent_id) REFERENCES messages (message_id)
);
CREATE INDEX ix_messages_chat_id_created_at_message_id ON messages (chat_id, created_at, message_id);
CREATE INDEX ix_messages_parent_id ON messages (parent_id);
CREATE TABLE project_drafts (
    draft_id $id NOT NULL,
    active_version_id $id,
    CONSTRAINT pk_project_drafts PRIMARY KEY (draft_id),
    CONSTRAINT fk_project_drafts_draft_id_conversations FOREIGN KEY(draft_id) REFERENCES conversations (chat_id) ON DELETE CASCADE
);
CREATE TABLE conversation_memories (
    chat_id $id NOT NULL,
    embedder TEXT NOT NULL,
    digest $id NOT NULL,
    vector $bytes NOT NULL,
    CONSTRAINT pk_conversation_memories PRIMARY KEY (chat_id),
    CONSTRAINT fk_conversation_memories_chat_id_conversation_summaries FOREIGN KEY(chat_id) REFERENCES conversation_summaries (chat_id) ON DELETE CASCADE
);
CREATE TABLE import_payloads (
    chat_id $id NOT NULL,
    payload $bytes NOT NULL,
    CONSTRAINT pk_import_payloads PRIMARY KEY (chat_id),
    CONSTRAINT fk_import_payloads_chat_id_imports FOREIGN KEY(chat_id) REFERENCES imports (chat_id) ON DELETE CASCADE
);
CREATE TABLE imported_messages (
    message_id $id NOT NULL,
    source_message_id $id NOT NULL,
    place BIGINT NOT NULL,
    author TEXT NOT NULL,
    hidden_because TEXT,
    model TEXT NOT NULL,
    is_complete BOOLEAN NOT NULL,
    source_created_at $moment,
    parts JSON NOT NULL,
    content_hash $id NOT NULL,
    CONSTRAINT pk_imported_messages PRIMARY KEY (message_id),
    CONSTRAINT fk_imported_messages_message_id_messages FOREIGN KEY(message_id) REFERENCES messages (message_id) ON DELETE CASCADE
);
CREATE TABLE project_draft_versions (
    version_id $id NOT NULL,
    draft_id $id NOT NULL,
    version_number BIGINT NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    is_manual_edit BOOLEAN NOT NULL,
    created_by $id NOT NULL,
    created_at $moment NOT NULL,
    CONSTRAINT pk_project_draft_versions PRIMARY KEY (version_id),
    CONSTRAINT uq_project_draft_versions_draft_id_version_number UNIQUE (draft_id, version_number),
    CONSTRAINT fk_project_draft_versions_draft_id_project_drafts FOREIGN KEY(draft_id) REFERENCES project_drafts (draft_id) ON DELETE CASCADE
);

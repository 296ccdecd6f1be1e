"""Settings: defaults, precedence, and errors that name the variable without its value."""

from pathlib import Path

import pytest

from backend.errors import SettingsInvalid
from backend.settings.server import LogFormat
from backend.settings.settings import Settings, load_settings, names_in_env_file


def test_without_anything_set_the_answerer_needs_no_key_and_no_network() -> None:
    settings = load_settings()
    assert settings.model == "offline:extractive"
    assert settings.embedding_model == "local"
    assert settings.host == "127.0.0.1"
    assert settings.knowledge_path == Path("var/knowledge.sqlite")
    assert settings.store_url == "sqlite+aiosqlite:///var/candor.sqlite"


def test_with_a_key_the_keyed_model_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "planted-key")
    assert load_settings().model == "openai:gpt-4.1-mini"


def test_a_named_model_wins_over_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "planted-key")
    monkeypatch.setenv("CHAT_MODEL", "offline:extractive")
    assert load_settings().model == "offline:extractive"


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "")
    monkeypatch.setenv("PORT", "")
    settings = load_settings()
    assert settings.openai_api_key is None
    assert settings.port == 8000


def test_the_environment_wins_over_the_env_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("PORT=1111\nRRF_K=30\n# a comment\nUNRELATED=1\n")
    monkeypatch.setenv("PORT", "2222")
    settings = load_settings()
    assert settings.port == 2222
    assert settings.rrf_k == 30


def test_files_of_code_are_a_json_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVAL_CODE_FILES", '["checks.py", "more, checks.py"]')
    assert load_settings().eval_code_files == (Path("checks.py"), Path("more, checks.py"))
    for wrong in ("checks.py", '"checks.py"'):
        monkeypatch.setenv("EVAL_CODE_FILES", wrong)
        with pytest.raises(SettingsInvalid, match=r"^EVAL_CODE_FILES: "):
            load_settings()


def test_a_server_of_postgresql_is_named_by_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTGRES_HOST", "db.example")
    monkeypatch.setenv("POSTGRES_USER", "ada")
    monkeypatch.setenv("POSTGRES_PASSWORD", "a/b@c:%")
    monkeypatch.setenv("POSTGRES_DB", "answers")
    settings = load_settings()
    assert settings.store_url == "postgresql://ada:a%2Fb%40c%3A%25@db.example:5432/answers"
    assert settings.store_place == "db.example"
    monkeypatch.setenv("POSTGRES_HOST", "::1")
    assert load_settings().store_url.endswith("@[::1]:5432/answers")
    monkeypatch.setenv("DATABASE_URL", "postgresql://other/answers")
    with pytest.raises(SettingsInvalid, match="unset one of them"):
        load_settings()


def test_a_trusted_proxy_is_an_address_or_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", "127.0.0.1, 172.30.0.0/24")
    assert load_settings().trusted_proxies == ("127.0.0.1", "172.30.0.0/24")
    monkeypatch.setenv("TRUSTED_PROXIES", "proxy")
    with pytest.raises(SettingsInvalid, match="TRUSTED_PROXIES"):
        load_settings()


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", "candor.example, localhost ,")
    assert load_settings().allowed_hosts == ("candor.example", "localhost")


def test_a_slash_at_the_end_of_an_origin_is_no_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORS_ORIGINS", "http://localhost:3000/, https://a.example")
    assert load_settings().cors_origins == ("http://localhost:3000", "https://a.example")


def test_names_of_levels_may_be_written_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "debug")
    monkeypatch.setenv("LOG_FORMAT", "json")
    monkeypatch.setenv("SQLITE_SYNCHRONOUS", "full")
    settings = load_settings()
    assert settings.log_level == "DEBUG"
    assert settings.log_format is LogFormat.JSON
    assert settings.sqlite_synchronous == "FULL"


def test_the_home_sign_is_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setenv("DATA_DIR", "~/candor")
    assert load_settings().data_dir == Path("/home/ada/candor")


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("PORT", "eighty", "PORT: should be a valid integer, unable to parse string as an integer"),
        ("PORT", "70000", "PORT: should be less than or equal to 65535"),
        ("RRF_K", "0", "RRF_K: should be greater than or equal to 1"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL: should be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        (
            "EMBEDDING_MODEL",
            "nonsense",
            "EMBEDDING_MODEL: must be local, local:/folder, azure or provider:name",
        ),
        ("AUTH_MODE", "none", "AUTH_MODE: should be 'local' or 'required'"),
        ("OPENAI_BASE_URL", "localhost", "OPENAI_BASE_URL: must begin with http:// or https://"),
        (
            "OPENAI_API_KEY",
            "sk-proj-…f3Ab",
            "OPENAI_API_KEY: has a character that no key has, such as a space or the … of a shortened one",
        ),
        (
            "RERANKER_ENABLED",
            "true",
            "RERANKER_API_KEY: needed when RERANKER_ENABLED is true",
        ),
    ],
)
def test_a_wrong_value_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsInvalid) as caught:
        load_settings()
    assert caught.value.detail == sentence


def test_all_wrong_values_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "x")
    monkeypatch.setenv("MAX_UPLOAD_MB", "-1")
    with pytest.raises(SettingsInvalid, match=r"MAX_UPLOAD_MB: .*; PORT: "):
        load_settings()


def test_no_error_and_no_print_shows_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-0123456789")
    monkeypatch.setenv("DATABASE_URL", "postgresql://ada:planted-word@db/candor")
    assert "planted" not in repr(load_settings())
    monkeypatch.setenv("PORT", "sk-planted-0123456789")
    with pytest.raises(SettingsInvalid) as caught:
        load_settings()
    assert "planted" not in caught.value.detail
    assert caught.value.__suppress_context__


def test_an_unreadable_env_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"PORT=\xff\xfe\n")
    with pytest.raises(SettingsInvalid, match=r"^\.env cannot be read \(UnicodeDecodeError\)\.$"):
        load_settings()


def test_one_providers_key_is_never_sent_to_another() -> None:
    told = {"openai_api_key": "o", "openai_base_url": "http://localhost/v1"}
    own = Settings.model_validate({**told, "embedding_model": "openai:text-embedding-3-small"})
    assert own.embedding_key is not None
    assert own.embedding_key.get_secret_value() == "o"
    assert own.embedding_address == "http://localhost/v1"
    other = Settings.model_validate({**told, "embedding_model": "cohere:embed-v4.0"})
    assert other.embedding_key is None
    assert other.embedding_address is None


def test_azures_embedding_settings_fall_back_to_its_chat_ones() -> None:
    told = {
        "azure_openai_api_key": "chat",
        "azure_openai_endpoint": "https://chat.example",
        "embedding_model": "azure",
    }
    shared = Settings.model_validate(told)
    assert shared.embedder_name == "azure:text-embedding-3-small"
    assert shared.embedding_key is not None
    assert shared.embedding_key.get_secret_value() == "chat"
    assert shared.embedding_address == "https://chat.example"
    own = Settings.model_validate(
        {
            **told,
            "azure_openai_embedding_api_key": "own",
            "azure_openai_embedding_endpoint": "https://own.example",
            "azure_openai_embedding_deployment": "vectors",
        }
    )
    assert own.embedder_name == "azure:vectors"
    assert own.embedding_key is not None
    assert own.embedding_key.get_secret_value() == "own"
    assert own.embedding_address == "https://own.example"


@pytest.mark.parametrize(
    ("told", "model"),
    [
        ({}, "offline:extractive"),
        ({"openai_api_key": "k", "anthropic_api_key": "k"}, "openai:gpt-4.1-mini"),
        ({"azure_openai_api_key": "k", "anthropic_api_key": "k"}, "azure:gpt-4o-mini"),
        ({"anthropic_api_key": "k", "google_api_key": "k"}, "anthropic:claude-haiku-4-5"),
        ({"google_api_key": "k", "xai_api_key": "k"}, "google:gemini-3.5-flash-lite"),
        ({"xai_api_key": "k", "cohere_api_key": "k"}, "xai:grok-4.3"),
        ({"cohere_api_key": "k"}, "cohere:command-a-03-2025"),
        ({"openrouter_api_key": "k"}, "openrouter:openai/gpt-4.1-mini"),
        ({"ollama_base_url": "http://localhost:11434/v1"}, "offline:extractive"),
        ({"anthropic_api_key": "k", "chat_model": "gpt-4.1,offline"}, "gpt-4.1,offline"),
    ],
)
def test_the_default_model_is_the_first_with_a_key(told: dict[str, str], model: str) -> None:
    assert Settings.model_validate(told).model == model


def test_secrets_are_listed_for_masking() -> None:
    settings = Settings.model_validate({"openai_api_key": "one", "reranker_api_key": "two"})
    assert settings.secrets() == {"OPENAI_API_KEY": "one", "RERANKER_API_KEY": "two"}


def test_offline_leaves_nothing_that_reaches_for_the_network() -> None:
    settings = Settings.model_validate(
        {
            "chat_model": "openai:gpt-4.1",
            "embedding_model": "openai:text-embedding-3-small",
            "reranker_enabled": True,
            "reranker_api_key": "key",
            "rrf_k": 30,
        }
    ).offline()
    assert settings.model == "offline:extractive"
    assert settings.embedding_model == "local"
    assert not settings.reranker_enabled
    assert settings.rrf_k == 30


CLIENT = {"GOOGLE_CLIENT_ID": "candor", "GOOGLE_CLIENT_SECRET": "planted-secret"}
TLS = "https://candor.example/api/auth/callback"


def set_all(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("variables", "wrong"),
    [
        (CLIENT, "go together"),
        (
            {**CLIENT, "GOOGLE_REDIRECT_URI": "http://candor.example/api/auth/callback"},
            "GOOGLE_REDIRECT_URI: must begin with https://",
        ),
        ({"OIDC_ISSUER": "http://login.example"}, "OIDC_ISSUER: must begin with https://"),
        ({"FRONTEND_URL": "app.example"}, "FRONTEND_URL: must begin with https://"),
        ({"FRONTEND_URL": "https://ada:x@app.example"}, "neither a user nor a fragment"),
        ({"ADMIN_EMAILS": "ada"}, "ADMIN_EMAILS: must be e-mail addresses"),
        ({"ADMIN_EMAILS": "@example.com"}, "single addresses"),
        ({"SESSION_EXPIRE_HOURS": "0"}, "SESSION_EXPIRE_HOURS: "),
    ],
)
def test_a_sign_in_that_cannot_be_safe_is_refused(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], wrong: str
) -> None:
    set_all(monkeypatch, variables)
    with pytest.raises(SettingsInvalid) as raised:
        load_settings()
    assert wrong in raised.value.detail
    assert "planted" not in raised.value.detail


def test_a_sign_in_is_on_where_logins_are_required(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, {**CLIENT, "GOOGLE_REDIRECT_URI": TLS, "ADMIN_EMAILS": "Ada@Example.com"})
    settings = load_settings()
    assert not settings.signs_in
    assert settings.admin_emails == ("ada@example.com",)
    assert settings.session_cookie == "__Host-session"
    monkeypatch.setenv("AUTH_MODE", "required")
    assert load_settings().signs_in
    monkeypatch.setenv("GOOGLE_REDIRECT_URI", "http://[::1]:8000/api/auth/callback")
    assert load_settings().session_cookie == "session_token"


def test_the_name_that_coheres_tools_read_is_another_one_for_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CO_API_URL", "http://proxy.example")
    assert load_settings().cohere_base_url == "http://proxy.example"
    monkeypatch.setenv("COHERE_BASE_URL", "http://own.example")
    assert load_settings().cohere_base_url == "http://own.example"
    (tmp_path / ".env").write_text("CO_API_URL=http://proxy.example\n", "utf-8")
    assert names_in_env_file() == {"COHERE_BASE_URL"}

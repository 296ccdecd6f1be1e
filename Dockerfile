# A small image with the locked dependencies; data lives in the volume /data.
# The base is named by the digest of its list of platforms, as every dependency is by its hash:
# python:3.12-slim with Python 3.12.13 on Debian trixie, of 5 August 2026, from
# https://github.com/docker-library/repo-info/blob/master/repos/python/remote/3.12-slim.md
ARG BASE=python:3.12-slim@sha256:229a2c5bfa27522db7815ea81f9bed70af17ccb9de9fc7ad142b1877b5830d36
FROM ${BASE} AS build
WORKDIR /app
COPY requirements-bootstrap.lock requirements.lock ./
RUN python -m venv /venv \
    && python -m pip install --no-cache-dir --require-hashes -r requirements-bootstrap.lock \
    && uv pip sync --no-cache --compile-bytecode --python /venv/bin/python --require-hashes requirements.lock
COPY backend backend
COPY services services
COPY use_cases use_cases
RUN MODELS_DIR=/models /venv/bin/python -m backend.cli.program models install

FROM ${BASE}
RUN useradd --create-home --uid 10001 candor && mkdir /data && chown candor /data
COPY --from=build /venv /venv
COPY --from=build /models /models
WORKDIR /app
COPY backend backend
COPY services services
COPY use_cases use_cases
COPY samples backend/samples
# Nobody can write here later, and a start would compile hundreds of modules each time.
RUN python -m compileall -q backend services use_cases
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 DATA_DIR=/data MODELS_DIR=/models
USER candor
VOLUME /data
EXPOSE 8000
# Inside a container the server must listen on all interfaces, so it requires API keys. The first one
# is FIRST_API_KEY, or else is drawn and written to /data/first.key.
ENV HOST=0.0.0.0 AUTH_MODE=required
# By the shell alone: a new Python each time would cost more than many an answer.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${PORT:-8000} && printf 'GET /health/ready HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r -t 4 _ status _ <&3 && [ \"$status\" = 200 ]"]
ENTRYPOINT ["python", "-m", "backend.cli.program"]
CMD ["serve", "--first-key"]

# A small image with the locked dependencies; data lives in the volume /data.
FROM python:3.12-slim AS build
WORKDIR /app
COPY requirements-bootstrap.lock requirements.lock ./
RUN python -m venv /venv \
    && python -m pip install --no-cache-dir --require-hashes -r requirements-bootstrap.lock \
    && uv pip sync --no-cache --python /venv/bin/python --require-hashes requirements.lock
COPY backend backend
COPY services services
COPY use_cases use_cases
RUN MODELS_DIR=/models /venv/bin/python -m backend.cli.program models install

FROM python:3.12-slim
RUN useradd --create-home --uid 10001 candor && mkdir /data && chown candor /data
COPY --from=build /venv /venv
COPY --from=build /models /models
WORKDIR /app
COPY backend backend
COPY services services
COPY use_cases use_cases
COPY samples backend/samples
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 DATA_DIR=/data MODELS_DIR=/models
USER candor
VOLUME /data
EXPOSE 8000
# Inside a container the server must listen on all interfaces, so it requires API keys. The first one
# is FIRST_API_KEY, or else is drawn and printed once (docker logs).
ENV HOST=0.0.0.0 AUTH_MODE=required
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ.get('PORT', '8000') + '/health', timeout=4)"]
ENTRYPOINT ["python", "-m", "backend.cli.program"]
CMD ["serve", "--first-key"]

FROM python:3.12-slim AS build
WORKDIR /build
COPY requirements.lock pyproject.toml README.md ./
RUN python -m venv /opt/bluevest && /opt/bluevest/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements.lock
COPY bluevest bluevest
COPY dispatcher dispatcher
COPY workers workers
COPY web web
COPY simulator simulator
RUN /opt/bluevest/bin/pip install --no-cache-dir --no-deps --no-build-isolation --no-index .

FROM python:3.12-slim
RUN useradd --system --uid 10001 bluevest
COPY --from=build /opt/bluevest /opt/bluevest
ENV PATH=/opt/bluevest/bin:$PATH PYTHONUNBUFFERED=1
USER bluevest
ENTRYPOINT ["bluevest"]

# One image for every part. It runs as user 10001 with a read-only root; /keys and /backups are volumes.
# On a network without an index of its own, give PIP_INDEX_URL and NPM_CONFIG_REGISTRY as build arguments.
ARG NODE=22.17.0-bookworm-slim
ARG PYTHON=3.11.13-slim-bookworm

FROM node:${NODE} AS console
ARG NPM_CONFIG_REGISTRY
WORKDIR /build
COPY web/console/package.json web/console/package-lock.json web/console/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY web/console ./
RUN npm run build

FROM python:${PYTHON} AS build
ARG PIP_INDEX_URL
WORKDIR /build
COPY requirements.lock ./
RUN python -m venv /opt/bluevest \
 && /opt/bluevest/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements.lock
COPY pyproject.toml README.md ./
COPY bluevest bluevest
COPY dispatcher dispatcher
COPY workers workers
COPY web web
COPY simulator simulator
# The lock file holds the developers' tools as well: they stay out of the image.
RUN /opt/bluevest/bin/pip install --no-cache-dir --no-deps --no-build-isolation --no-index . \
 && /opt/bluevest/bin/pip uninstall --yes --quiet \
    atheris graphql-core harfile hypothesis hypothesis-graphql import-linter jsonschema-rs mypy playwright \
    pyrate-limiter pytest pytest-timeout pytest-xdist ruff schemathesis scipy-stubs setuptools \
    types-openpyxl types-psutil types-pyyaml types-shapely uv werkzeug
COPY --from=console /build/dist /build/dist
RUN site=$(/opt/bluevest/bin/python -c "import sysconfig; print(sysconfig.get_path('purelib'))") \
 && mkdir -p "$site/web/console" && rm -rf "$site/web/console/dist" && cp -r dist "$site/web/console/dist" \
 && cd / && /opt/bluevest/bin/python -c "from web.pages import DIST; assert (DIST / 'index.html').is_file()"

FROM python:${PYTHON}
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin bluevest \
 && install -d -m 0700 -o bluevest -g bluevest /keys /backups
COPY --from=build /opt/bluevest /opt/bluevest
ENV PATH=/opt/bluevest/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
USER 10001:10001
ENTRYPOINT ["bluevest"]
CMD ["--help"]

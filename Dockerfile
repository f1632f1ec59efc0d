# The service as an image: `docker build -t uk-china-monitor .`; docs/operations.md tells how to run it.
# Its packages are pinned with their hashes in requirements.txt (`make pins`).
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS builder
# A closed network names its own package index and authority by build arguments; nothing of them stays in the image.
ARG PIP_INDEX_URL
ARG PIP_CERT
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
# What changes seldom comes first, so that an edit of the code installs no package anew.
COPY requirements.txt requirements-build.txt ./
RUN python3 -m pip install --require-hashes --no-deps --only-binary :all: -r requirements-build.txt \
 && python3 -m venv --without-pip /opt/venv \
 && python3 -m pip --python /opt/venv/bin/python \
      install --require-hashes --no-deps --only-binary :all: -r requirements.txt
COPY pyproject.toml README.md LICENSE config.yaml ./
COPY templates ./templates
COPY monitor ./monitor
# The last line makes `monitor` the program that finds its config in /config or /data.
RUN python3 -m pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
 && python3 -m pip --python /opt/venv/bin/python install --no-deps --no-index /wheels/*.whl \
 && ln -sf monitor-in-container /opt/venv/bin/monitor

FROM ${PYTHON_IMAGE}
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="UK-China monitor" \
      org.opencontainers.image.description="A self-hosted news monitor for UK-China relations: feeds in, one explained digest out" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}"
RUN groupadd --gid 10001 monitor \
 && useradd --no-create-home --uid 10001 --gid 10001 --home-dir /data --shell /usr/sbin/nologin monitor \
 && install -d -o 10001 -g 10001 -m 0750 /data \
 && install -d -m 0755 /config
COPY --from=builder /opt/venv /opt/venv
# The shipped config names its database and output by MONITOR_DATA, and serves the archive on MONITOR_LISTEN, which
# only published ports reach. Nothing but /data is written to; SQLite puts there what does not fit into /tmp.
ENV PATH=/opt/venv/bin:$PATH \
    LANG=C.UTF-8 \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MALLOC_ARENA_MAX=1 \
    MONITOR_DATA=/data \
    MONITOR_LISTEN=0.0.0.0:8080 \
    SQLITE_TMPDIR=/data
EXPOSE 8080
WORKDIR /data
VOLUME ["/data"]
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=1m --timeout=20s --start-period=3m --retries=3 CMD ["monitor", "health"]
ENTRYPOINT ["monitor"]
CMD ["run"]

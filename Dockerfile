# The service: `docker build -t uk-china-monitor .`, then see README.md.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS builder
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
RUN python3 -m venv /opt/venv
COPY pyproject.toml README.md LICENSE config.yaml ./
COPY templates ./templates
COPY monitor ./monitor
RUN python3 -m pip wheel --wheel-dir /wheels . \
 && /opt/venv/bin/pip install --no-index --find-links /wheels uk-china-monitor \
 && /opt/venv/bin/pip uninstall -y pip setuptools

FROM ${PYTHON_IMAGE}
RUN groupadd --gid 10001 monitor \
 && useradd --no-create-home --uid 10001 --gid 10001 --home-dir /data --shell /usr/sbin/nologin monitor \
 && install -d -o 10001 -g 10001 /data /config
COPY --from=builder /opt/venv /opt/venv
# config.yaml names its database and output by MONITOR_DATA, so /config can be read-only.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MONITOR_CONFIG=/config/config.yaml \
    MONITOR_DATA=/data
WORKDIR /data
VOLUME ["/data", "/config"]
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5m --timeout=30s --start-period=120s --retries=3 CMD ["monitor", "health"]
ENTRYPOINT ["monitor"]
CMD ["run"]

# Two stages: the first builds, the second holds only Python, the program and its run-time packages.
FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
RUN pip install --constraint constraints.txt setuptools \
    && python -m venv --without-pip /opt/thscp
COPY bot bot
COPY handlers handlers
COPY knowledge knowledge
COPY db db
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && pip --python /opt/thscp/bin/python install --constraint constraints.txt /wheels/thscp-*.whl

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="THSCP assistant" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/thscp /opt/thscp
# A fixed uid, so that the owner of the volume is the same on every host.
RUN useradd --system --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin thscp \
    && install --directory --owner thscp --group thscp --mode 0750 /data
ENV PATH=/opt/thscp/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    THSCP_DATABASE_URL=sqlite:////data/thscp.db
USER thscp
WORKDIR /data
VOLUME /data
EXPOSE 8000
# The check must not go through a proxy that the environment names.
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s --retries=3 CMD ["python", "-c", \
    "from urllib.request import ProxyHandler, build_opener; build_opener(ProxyHandler({})).open('http://127.0.0.1:8000/health/live', timeout=4)"]
ENTRYPOINT ["thscp"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]

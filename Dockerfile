# Two stages: the first installs, the second only runs.
#   docker build --build-arg VERSION=$(git rev-parse --short HEAD) -t lanting .
# With --build-arg COMPILE=1 the nets are compiled for processors such as the building machine's.
FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /opt/lanting
ENV PATH=/opt/lanting/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_CACHE_DIR=/var/cache/pip
COPY requirements.txt requirements.lock pyproject.toml README.md LICENSE ./
COPY bot bot
COPY vae vae
COPY migrations migrations
# What was fetched is kept for the next build; it does not go into the image.
RUN --mount=type=cache,target=/var/cache/pip pip install -r requirements.txt
ARG COMPILE=
RUN if [ -n "$COMPILE" ]; then apt-get update && apt-get install -y --no-install-recommends g++ && cd / && python -m vae compile; fi

FROM python:3.11-slim
ARG VERSION=unknown
LABEL org.opencontainers.image.title="Lanting" org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.licenses=MIT
RUN useradd --create-home --uid 10001 lanting && install -d -o lanting /data
COPY --from=build /opt/lanting /opt/lanting
ENV PATH=/opt/lanting/bin:$PATH PYTHONUNBUFFERED=1 DATABASE_URL=sqlite:////data/lanting.db PORT=8080
USER lanting
WORKDIR /home/lanting
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["lanting", "healthy"]
CMD ["lanting"]

# The service alone, for AWS:
#
#   docker build -t ringfence .
#   docker run --network host -v ringfence:/var/lib/ringfence \
#       -v $PWD/ringfence.toml:/etc/ringfence/ringfence.toml:ro -e AWS_REGION=… ringfence
#
# The API does not authenticate its callers yet and so listens on loopback only: it needs the host's
# network (`--network host`), or a container beside it that shares its own.

FROM rust:1.95-slim-bookworm AS build
# aws-lc and SQLite are C; the image's gcc is all they need.
WORKDIR /build
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --locked --release --package ringfence \
    && cp target/release/ringfence /usr/local/bin/ringfence

FROM debian:bookworm-slim
# AWS is reached by TLS, with the system's certificates.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /usr/local/bin/ringfence /usr/local/bin/ringfence
# A number, so that Kubernetes can see that it is not root's.
RUN install -d -o 65532 -g 65532 -m 700 /var/lib/ringfence
USER 65532:65532
ENV RINGFENCE_DATABASE=/var/lib/ringfence/ringfence.db
VOLUME /var/lib/ringfence
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=6s --start-period=10s CMD ["ringfence", "healthcheck"]
ENTRYPOINT ["ringfence"]
CMD ["serve", "--config", "/etc/ringfence/ringfence.toml"]

# The service alone, for AWS:
#
#   docker build --build-arg REVISION="$(git rev-parse HEAD)" --tag ringfence .
#   docker run --read-only --cap-drop ALL --security-opt no-new-privileges --stop-timeout 40 \
#       --volume ringfence:/var/lib/ringfence \
#       --volume "$PWD/ringfence.toml:/etc/ringfence/ringfence.toml:ro" --env AWS_REGION=… ringfence
#
# docs/deployment.md says what it needs, and how it runs on Kubernetes and on ECS.

FROM rust:1.95-slim-bookworm AS build
# aws-lc and SQLite are C; the image's gcc is all they need.
WORKDIR /build
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --locked --release --package ringfence \
    && cp target/release/ringfence /usr/local/bin/ringfence \
    && install -d -m 700 /empty

# The C library, the certificate authorities, and nothing that runs: no shell, no package manager. The
# same Debian as above, because of the C library.
FROM gcr.io/distroless/cc-debian12:nonroot
ARG REVISION=unknown
LABEL org.opencontainers.image.title="ringfence" \
      org.opencontainers.image.description="Isolated tenants on one shared ElastiCache cluster" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.base.name="gcr.io/distroless/cc-debian12:nonroot"
COPY --from=build /usr/local/bin/ringfence /usr/local/bin/ringfence
COPY --from=build --chown=65532:65532 /empty /var/lib/ringfence
# A number, so that Kubernetes can see that it is not root's.
USER 65532:65532
# The only place that it writes to; `ringfence import` also tries things on a copy, made in TMPDIR.
ENV RINGFENCE_DATABASE=/var/lib/ringfence/ringfence.db \
    TMPDIR=/var/lib/ringfence
VOLUME /var/lib/ringfence
EXPOSE 8080
# Whether it lives, and not whether it is ready: no restart mends a full disk. It migrates its database before it
# answers.
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s --retries=3 CMD ["ringfence", "healthcheck", "--live"]
ENTRYPOINT ["ringfence"]
CMD ["serve", "--config", "/etc/ringfence/ringfence.toml"]

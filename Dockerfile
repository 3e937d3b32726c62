# Headroom in a small image: one binary, no shell, a user without rights (65532, nonroot), the data in /data.

# The manifests with empty sources: this tree stays the same, and the layers below stay cached, until a dependency changes.
FROM rust:1.95-bookworm AS manifests
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
COPY crates crates
RUN find crates -type f ! -name Cargo.toml ! -path '*/src/lib.rs' ! -path '*/src/main.rs' ! -path '*/benches/*.rs' -delete \
    && find crates -type d -empty -delete \
    && find crates -name '*.rs' -exec sed --in-place --quiet '1c fn main() { }' {} +

# The dependencies. They need a C compiler (SQLite and the cryptography are built from their sources), nothing else.
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY --from=manifests /src ./
RUN cargo build --release --locked --package api --bin headroom
# Headroom itself. cargo goes by modification times, and those of a checkout may be older than the empty sources'.
COPY crates crates
# The server serves them, below /docs.
COPY docs docs
COPY README.md ./
RUN find crates -name '*.rs' -exec touch {} + \
    && cargo build --release --locked --package api --bin headroom \
    && mkdir /empty

# The image: the C library and its friends, the binary, an empty /data that its user owns.
FROM gcr.io/distroless/cc-debian12:nonroot
LABEL org.opencontainers.image.title="Headroom" \
      org.opencontainers.image.description="Subscription backend: accounts, plans, and limits that hold exactly." \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
COPY --from=build /src/target/release/headroom /usr/local/bin/headroom
COPY --from=build --chown=65532:65532 /empty /data
# The image has no credentials and no secret: the server requires them in its configuration to listen
# on more than loopback.
ENV HEADROOM_LISTEN=0.0.0.0:8000 \
    HEADROOM_DATABASE_URL=sqlite:///data/headroom.db
USER 65532:65532
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s CMD ["/usr/local/bin/headroom", "health"]
ENTRYPOINT ["/usr/local/bin/headroom"]

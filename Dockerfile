# syntax=docker/dockerfile:1
# Caudal in a container. Alone it runs everything in one process on SQLite, as without a container:
#   docker build -t caudal:0.1 . && docker run -p 127.0.0.1:8000:8000 -v caudal:/data caudal:0.1
# docker-compose.yml starts the same image as ingest, distrib and workers.

FROM rust:1.95-bookworm AS build
WORKDIR /src
# The dependencies, in a layer of their own that stays until Cargo.lock changes: the manifests with empty crates
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
COPY app/Cargo.toml app/
COPY shared/contract/Cargo.toml shared/contract/
COPY shared/platform/Cargo.toml shared/platform/
COPY ingest/reading/Cargo.toml ingest/reading/
COPY ingest/service/Cargo.toml ingest/service/
COPY distrib/Cargo.toml distrib/
RUN for crate in shared/contract shared/platform ingest/reading ingest/service distrib; do mkdir -p $crate/src && touch $crate/src/lib.rs; done \
    && mkdir -p app/src app/tests/it app/benches/pipeline app/benches/pages ingest/reading/benches/reading \
    && echo 'fn main() {}' | tee app/src/main.rs app/tests/it/main.rs app/benches/pipeline/main.rs app/benches/pages/main.rs \
        >ingest/reading/benches/reading/main.rs \
    && cargo build --release --locked --package caudal
COPY . .
# Cargo goes by time, and these files may be older than the empty ones
RUN find app shared ingest distrib -name '*.rs' -exec touch {} + \
    && cargo build --release --locked --package caudal

FROM debian:bookworm-slim
# A fixed number, so that folders of the machine can be given to it. A new volume takes over the rights of the folder that it
# is mounted on: with 1777 any user that `--user` names can work in it. /data/secrets can be a volume of its own; keys are
# written with mode 0600
RUN groupadd --gid 10001 caudal \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin caudal \
    && install -d -o caudal -g caudal -m 1777 /data /data/secrets /data/inbox
COPY --from=build /src/target/release/caudal /usr/local/bin/caudal
# Large reports pass through temporary files, which belong on a disk
ENV CAUDAL_DATA_DIR=/data CAUDAL_LISTEN=0.0.0.0:8000 TMPDIR=/data
USER 10001:10001
# Commands write their files here unless a place is named: all else may be read-only
WORKDIR /data
VOLUME /data
EXPOSE 8000
# The binary asks itself; a worker, which has no port, needs "caudal health --worker"
HEALTHCHECK --interval=10s --timeout=5s --start-period=10m --retries=3 CMD ["caudal", "health"]
ENTRYPOINT ["caudal"]

# syntax=docker/dockerfile:1
# The gateway and nothing else: one static program over no system at all, run by nobody in particular.
FROM rust:1.95-bookworm AS build
WORKDIR /source
COPY . .
# A target is named so that only the program is linked whole, and not the compiler's own helpers.
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/source/target \
    target="$(rustc --print host-tuple)" \
    && RUSTFLAGS="-C target-feature=+crt-static" \
    cargo build --locked --profile dist --package gateway --bin gateway --target "$target" \
    && install -D "target/$target/dist/gateway" /image/gateway

FROM scratch
LABEL org.opencontainers.image.title="partner-gateway" \
      org.opencontainers.image.licenses="Apache-2.0"
# Whom to trust when CRMs and issuers are asked.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /image/gateway /usr/local/bin/
ENV PATH=/usr/local/bin
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["gateway"]
CMD ["serve", "--listen", "0.0.0.0:8080"]

# One image, three commands: api, operator, runner. See docs/writing-a-class.md for what a module
# finds in it.
#
#   docker buildx build --platform linux/amd64,linux/arm64 --tag quartermaster .
#
# Where npm needs a registry or certificates of your own, pass them as build secrets; they stay out
# of the image. The certificates are found by `cafile=/run/secrets/certificates.pem` in the .npmrc:
#
#   --secret id=npmrc,src=$HOME/.npmrc --secret id=certificates,src=company-ca.pem

# Production packages, without what only people, compilers and other runtimes read. They hold no
# compiled code but argon2's, which brings one for each platform.
FROM --platform=$BUILDPLATFORM node:24.21.0-bookworm-slim AS packages
WORKDIR /opt/quartermaster
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc \
    --mount=type=secret,id=certificates,target=/run/secrets/certificates.pem \
    npm ci --omit=dev --ignore-scripts --no-update-notifier \
    && npm sbom --package-lock-only --omit=dev --sbom-format=spdx > /opt/sbom.spdx.json \
    && npm cache clean --force \
    && find node_modules -type f \( -name '*.ts' -o -name '*.[cm]ts' -o -name '*.map' -o -name '*.md' \) -delete \
    && rm --recursive --force node_modules/bare-*/prebuilds

FROM --platform=$BUILDPLATFORM node:24.21.0-bookworm-slim AS build
WORKDIR /opt/quartermaster
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc \
    --mount=type=secret,id=certificates,target=/run/secrets/certificates.pem \
    npm ci --ignore-scripts --no-update-notifier && npm cache clean --force
COPY tsconfig.json tsconfig.build.json ./
COPY lib lib
COPY crds crds
COPY migrations migrations
COPY operator operator
COPY api api
RUN npm run build --no-update-notifier

# The providers of the catalogue, laid out as a filesystem mirror, and the certificates of the
# public authorities, which the slim image lacks: Node brings Mozilla's list along.
FROM node:24.21.0-bookworm-slim AS providers
ARG TARGETARCH
COPY --from=ghcr.io/opentofu/opentofu:1.12.6-minimal /usr/local/bin/tofu /usr/local/bin/tofu
RUN node -p "require('node:tls').rootCertificates.join('\n')" > /etc/ca-certificates.pem
WORKDIR /providers
COPY catalog/providers.tf ./
RUN SSL_CERT_FILE=/etc/ca-certificates.pem tofu init -backend=false -input=false -no-color \
    && cp --recursive --dereference .terraform/providers /opt/providers \
    && test -n "$(find /opt/providers -path "*/linux_${TARGETARCH}/*" -type f)"

# Everything but the compile cache; what changes most comes last.
FROM node:24.21.0-bookworm-slim AS program
ENV NODE_ENV=production \
    NODE_COMPILE_CACHE=/opt/quartermaster/compile-cache \
    TF_CLI_CONFIG_FILE=/opt/quartermaster/catalog/tofu.rc \
    CHECKPOINT_DISABLE=1 \
    HOME=/tmp
# Modules may come from Git (`git::https://…?ref=<commit>`); the engine calls the program. What of Git is
# written in Perl fetches nothing, and Perl is as large as Git.
RUN apt-get update -qq \
    && apt-get install --yes --no-install-recommends -qq git \
    && dpkg-query --show --showformat='${Package}\n' perl 'perl-modules-*' 'libperl5*' liberror-perl \
       | xargs dpkg --purge --force-depends \
    && rm --recursive --force /var/lib/apt/lists/* /var/cache/apt/* /var/log/*.log /var/log/apt \
       /usr/share/doc /usr/share/man /usr/share/locale \
    && install --directory --owner=65532 --group=65532 --mode=0700 /var/lib/quartermaster
ARG VERSION=0.2.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Quartermaster" \
      org.opencontainers.image.description="Self-service infrastructure on Kubernetes" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="docker.io/library/node:24.21.0-bookworm-slim" \
      dev.quartermaster.sbom="/usr/share/sbom/quartermaster.spdx.json"
WORKDIR /opt/quartermaster
USER 65532:65532
ENTRYPOINT ["node", "/opt/quartermaster/bin/quartermaster.js"]
COPY --from=ghcr.io/opentofu/opentofu:1.12.6-minimal /usr/local/bin/tofu /usr/local/bin/tofu
COPY --from=providers /etc/ca-certificates.pem /etc/ssl/certs/ca-certificates.crt
COPY --from=providers /opt/providers providers
COPY --from=packages /opt/sbom.spdx.json /usr/share/sbom/quartermaster.spdx.json
COPY --from=packages /opt/quartermaster/node_modules node_modules
COPY package.json ./
COPY bin bin
COPY catalog catalog
COPY --from=build /opt/quartermaster/dist dist

# Each program is loaded once without its settings, which ends it at once. What V8 compiled for that
# is kept: a pod starts about a fifth faster. The cache works for the user that made it.
FROM program AS compile-cache
RUN for command in runner operator api; do \
      NODE_COMPILE_CACHE=/tmp/compile-cache timeout 20 node bin/quartermaster.js "$command" > /dev/null 2>&1 & \
    done; wait; mkdir -p /tmp/compile-cache

FROM program
COPY --from=compile-cache /tmp/compile-cache compile-cache

# Grantway in a container: built with everything, run with what it needs, by a user without rights, on a read-only file system.
FROM node:24-bookworm-slim AS build
WORKDIR /grantway
COPY . .
# As `npm start` does it; then anew with what the server alone needs, which is less than half of that.
RUN node -e "import('./scripts/bootstrap.mjs').then((m) => m.bootstrap()).then(() => import('./scripts/build-site.mjs')).then((m) => m.buildSite())" \
  && rm -rf node_modules server/node_modules web/node_modules prisma/node_modules e2e \
  && npx --yes "$(node -p "require('./package.json').packageManager")" install --frozen-lockfile --prod --ignore-scripts --filter @grantway/server... \
  && rm -rf web/src server/src/testing server/bench server/commands

FROM node:24-bookworm-slim
WORKDIR /grantway
COPY --from=build --chown=root:root /grantway /grantway
# Keys and the embedded database, where no DATABASE_URL and no GRANTWAY_KEYS are set: a volume, and the only place that is written to.
RUN mkdir /data && chown node:node /data
VOLUME /data
# By number, so that an orchestrator sees that it is not root: `node` of the image.
USER 1000:1000
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000 GRANTWAY_DATA=/data GRANTWAY_DRAIN_SECONDS=5
EXPOSE 4000
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/health/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
CMD ["node", "server/src/main.ts"]

# One image for all processes: which one a container runs is its command (docker-compose.yml).

FROM node:20-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY embedded-mongodb embedded-mongodb
COPY gateway gateway
COPY schema schema
COPY subgraphs subgraphs
COPY tools tools
# The compiler emits only code. What the code reads at run time (schemas, operations, the GraphiQL page) it looks for beside
# itself, so every other file goes to the same place below dist.
RUN npm run build && find gateway schema subgraphs -type f ! -name '*.ts' -exec cp --parents {} dist/ ';'

FROM node:20-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM node:20-slim
ENV NODE_ENV=production
WORKDIR /app
COPY package.json ./
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
USER node
CMD ["node", "--enable-source-maps", "dist/gateway/server.js"]

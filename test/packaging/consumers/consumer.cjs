const { use } = require('./use.cjs')

require('@portcullis/express/augment')
require('@portcullis/koa/augment')
use({
  core: require('@portcullis/core'),
  node: require('@portcullis/core/node'),
  express: require('express'),
  Koa: require('koa'),
  onExpress: require('@portcullis/express'),
  onKoa: require('@portcullis/koa'),
  onFetch: require('@portcullis/fetch'),
  onRedis: require('@portcullis/redis'),
  testkit: require('@portcullis/testkit'),
}).catch((error) => {
  console.error(error)
  process.exitCode = 1
})

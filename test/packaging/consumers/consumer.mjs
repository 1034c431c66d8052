import * as core from '@portcullis/core'
import * as node from '@portcullis/core/node'
import * as onExpress from '@portcullis/express'
import '@portcullis/express/augment'
import * as onFetch from '@portcullis/fetch'
import * as onKoa from '@portcullis/koa'
import '@portcullis/koa/augment'
import * as onRedis from '@portcullis/redis'
import * as testkit from '@portcullis/testkit'
import express from 'express'
import Koa from 'koa'
import { use } from './use.cjs'

await use({ core, node, express, Koa, onExpress, onKoa, onFetch, onRedis, testkit })

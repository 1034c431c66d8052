export {
  appendHeaders,
  fromNode,
  keepAppended,
  rawField,
  sendNode,
  type Address,
  type NodeView,
} from './http/node.ts'

export {
  appendHeaders,
  fromNode,
  keepAppended,
  sendNode,
  type Address,
  type NodeView,
} from './http/node.ts'

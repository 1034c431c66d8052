export { appendHeaders, fromNode, sendNode, type Address, type NodeView } from './http/node.ts'

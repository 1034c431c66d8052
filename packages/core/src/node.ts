export { appendHeaders, fromNode, sendNode, type NodeView } from './http/node.ts'

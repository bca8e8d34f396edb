// Prints as JSON: every text of the console in both languages, and how its sources ask for texts.
// Run in web/console. A use is a key, a family (`level.*`: the rest is computed), or opaque: nothing can be said of it.
import { readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const require = createRequire(join(process.cwd(), 'package.json'))
const ts = require('typescript')
const { parse, compileScript } = require('vue/compiler-sfc')
const { runnerImport } = await import(pathToFileURL(require.resolve('vite')).href)

const ASKS = /(^|[.(])\$?(t|te|tm)\)?$/

async function texts(language) {
  const { module } = await runnerImport(join(process.cwd(), 'src/i18n', language, 'index.ts'), { configFile: false })
  return flat(module.default)
}

function flat(node, path = []) {
  if (typeof node === 'string') return { [path.join('.')]: node }
  return Object.assign({}, ...Object.entries(node).map(([name, child]) => flat(child, [...path, name])))
}

function sources() {
  return readdirSync('src', { recursive: true })
    .filter((name) => /\.(vue|ts)$/.test(name) && !/\.test\.ts$|\.d\.ts$|^i18n\//.test(name))
    .map((name) => join('src', name))
}

function script(file) {
  const text = readFileSync(file, 'utf8')
  if (!file.endsWith('.vue')) return text
  const { descriptor, errors } = parse(text, { filename: file })
  if (errors.length) throw errors[0]
  return compileScript(descriptor, { id: 'x', inlineTemplate: true }).content
}

function uses(file) {
  const tree = ts.createSourceFile(file, script(file), ts.ScriptTarget.Latest, true, ts.ScriptKind.TS)
  const constants = new Map()
  const found = []

  function look(node) {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer)
      constants.set(node.name.text, node.initializer)
    ts.forEachChild(node, look)
  }
  function read(node, seen = 0) {
    if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node)) return read(node.expression, seen)
    if (ts.isConditionalExpression(node)) return [...read(node.whenTrue, seen), ...read(node.whenFalse, seen)]
    if (ts.isStringLiteralLike(node)) return [node.text]
    if (ts.isTemplateExpression(node))
      return [node.head.text + node.templateSpans.map((span) => '*' + span.literal.text).join('')]
    if (ts.isIdentifier(node) && constants.has(node.text) && seen < 5) return read(constants.get(node.text), seen + 1)
    return [null]
  }
  function ask(node) {
    if (ts.isCallExpression(node) && ASKS.test(node.expression.getText(tree)) && node.arguments.length)
      for (const key of read(node.arguments[0])) found.push({ file, key, code: node.getText(tree).slice(0, 120) })
    ts.forEachChild(node, ask)
  }
  look(tree)
  ask(tree)
  return found
}

const files = sources()
console.log(
  JSON.stringify({
    texts: { zh: await texts('zh'), en: await texts('en') },
    uses: files.flatMap(uses),
    words: files.map((file) => readFileSync(file, 'utf8')).join('\n'),
  }),
)

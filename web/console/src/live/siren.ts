/** The sound of a call: two short tones, made here so that no file has to be fetched. */

const TONES = [
  { at: 0, hertz: 880 },
  { at: 0.22, hertz: 660 },
]
const LENGTH_S = 0.18
const LOUDNESS = 0.25

let context: AudioContext | null = null

/** Sound once. False when the browser does not allow sound before the officer touched the page. */
export function sound(): boolean {
  try {
    context ??= new AudioContext()
  } catch {
    return false
  }
  if (context.state === 'suspended') void context.resume()
  if (context.state !== 'running') return false
  for (const tone of TONES) beep(context, context.currentTime + tone.at, tone.hertz)
  return true
}

function beep(audio: AudioContext, at: number, hertz: number): void {
  const tone = audio.createOscillator()
  const volume = audio.createGain()
  tone.type = 'square'
  tone.frequency.value = hertz
  volume.gain.setValueAtTime(LOUDNESS, at)
  volume.gain.exponentialRampToValueAtTime(0.001, at + LENGTH_S)
  tone.connect(volume).connect(audio.destination)
  tone.start(at)
  tone.stop(at + LENGTH_S)
}

import alarms from './alarms'
import case_ from './case'
import inbox from './inbox'
import map from './map'
import people from './people'
import queue from './queue'
import records from './records'
import shell from './shell'
import signIn from './signIn'
import words from './words'

export default { ...words, alarms, case: case_, inbox, map, people, queue, records, shell, signIn }

/** `npm run dashboards`: writes the dashboards of deploy/grafana. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dashboardJson } from './dashboards/dashboard.ts'

const path = 'deploy/grafana/shoal.json'
await writeFile(join(import.meta.dirname, '..', path), dashboardJson())
console.log(path)

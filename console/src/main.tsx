import './language.ts'
import { render } from 'preact'
import { Client } from './api/client.ts'
import { App } from './app.tsx'
import './style.css'
import './shell/shell.css'
import './overview/overview.css'
import './detail.css'

const client = new Client()
const page = document.getElementById('page')
if (page !== null) render(<App client={client} />, page)
client.start()

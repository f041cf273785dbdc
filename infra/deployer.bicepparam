using 'deployer.bicep'

import { text } from 'settings.bicep'

// az deployment sub create --location westeurope --parameters infra/deployer.bicepparam, with these in the shell:
param environmentName = text(readEnvironmentVariable('AZURE_ENV_NAME', ''), 'dev')
param location = text(readEnvironmentVariable('AZURE_LOCATION', ''), 'westeurope')
param deployerPrincipalId = readEnvironmentVariable('DEPLOYER_PRINCIPAL_ID')
param testerPrincipalId = readEnvironmentVariable('TESTER_PRINCIPAL_ID', '')

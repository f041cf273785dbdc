metadata description = 'Calls the health check from several places in the world, and alerts when it fails. It works when the app, its telemetry or its region does not.'

param location string
param tags object
param nameSuffix string
param insightsName string
param healthUri string

@description('Action group that receives the alert; empty for none.')
param actionGroupName string

// Azure names its places like this: Amsterdam, Dublin, Virginia, California and Singapore.
var places = ['emea-nl-ams-azr', 'emea-gb-db3-azr', 'us-va-ash-azr', 'us-ca-sjc-azr', 'apac-sg-sin-azr']

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource people 'Microsoft.Insights/actionGroups@2023-01-01' existing = if (!empty(actionGroupName)) {
  name: actionGroupName
}

resource test 'Microsoft.Insights/webtests@2022-06-15' = {
  name: 'availability-${nameSuffix}'
  location: location
  // The portal finds the test of a resource by this tag.
  tags: { ...tags, 'hidden-link:${insights.id}': 'Resource' }
  kind: 'standard'
  properties: {
    SyntheticMonitorId: 'availability-${nameSuffix}'
    Name: 'availability-${nameSuffix}'
    Description: 'The health check answers 200 when it reaches every container.'
    Enabled: true
    Kind: 'standard'
    Frequency: 300
    Timeout: 30 // A cold start is in it.
    RetryEnabled: true
    Locations: [for place in places: { Id: place }]
    Request: {
      RequestUrl: healthUri
      HttpVerb: 'GET'
      ParseDependentRequests: false
    }
    ValidationRules: {
      ExpectedHttpStatusCode: 200
      SSLCheck: true
      SSLCertRemainingLifetimeCheck: 7
    }
  }
}

resource unavailable 'Microsoft.Insights/metricAlerts@2026-01-01' = {
  name: 'alert-unavailable-${nameSuffix}'
  location: 'global'
  tags: tags
  properties: {
    description: 'The health check fails from several places: nobody can reach the app, or it can not reach the database.'
    severity: 0
    enabled: true
    scopes: [test.id, insights.id]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: test.id
      componentId: insights.id
      failedLocationCount: 3 // One place alone has trouble of its own.
    }
    actions: empty(actionGroupName) ? [] : [{ actionGroupId: people.id }]
  }
}

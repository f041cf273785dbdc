metadata description = 'Warns before the month costs more than planned. It stops nothing.'

@description('A budget of this name that exists is left alone: Azure refuses a new start date, and refuses an old one for a new budget.')
param name string

@minValue(1)
@description('Amount per month, in the currency of the subscription.')
param amount int

@minLength(1)
param emails string[]

@description('The month of the deployment that creates the budget.')
param startDate string = utcNow('yyyy-MM-01')

@onlyIfNotExists()
resource spending 'Microsoft.Consumption/budgets@2026-06-01' = {
  name: name
  properties: {
    category: 'Cost'
    amount: amount
    timeGrain: 'Monthly'
    timePeriod: { startDate: startDate }
    notifications: {
      forecastAboveBudget: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 100
        thresholdType: 'Forecasted'
        contactEmails: emails
      }
      spentMostOfIt: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 80
        thresholdType: 'Actual'
        contactEmails: emails
      }
    }
  }
}

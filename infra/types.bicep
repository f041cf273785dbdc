// The shapes that main.bicep and its modules pass to each other.

@export()
@discriminator('mode')
@description('How request units are paid: per request (serverless) or by a ceiling that scales down to a tenth of itself (autoscale).')
type CapacityType = ServerlessCapacity | AutoscaleCapacity

@description('Pay per request. One region, and up to 1 TB and 20,000 RU/s per container: cheapest until the load is steady.')
type ServerlessCapacity = {
  mode: 'serverless'
}

type AutoscaleCapacity = {
  mode: 'autoscale'

  @minValue(1000)
  @description('Ceiling in RU/s shared by all containers without one of their own. A multiple of 1,000.')
  sharedMaxRequestUnits: int

  @description('Containers with a ceiling of their own, for instance { events: 4000 }. Multiples of 1,000. A name that is not in containers.json has no effect.')
  dedicatedMaxRequestUnits: { *: int }?
}

@export()
@description('A spending limit that warns; nothing is stopped when it is reached.')
type BudgetType = {
  @minValue(1)
  @description('Amount per month, in the currency of the subscription.')
  amount: int

  @minLength(10)
  @maxLength(10)
  @description('First day of the month in which the budget is created, for instance 2026-11-01. Azure refuses to change it later: keep what was first deployed.')
  startDate: string
}

@export()
@description('Names and addresses of everything in a virtual network; null where the app talks over public endpoints.')
type NetworkType = {
  @description('Resource id of the subnet that the function app sends its traffic through.')
  appSubnetId: string

  @description('Resource id of the subnet that holds the private endpoints.')
  endpointSubnetId: string

  @description('Resource ids of the private DNS zones by private link group.')
  zoneIds: {
    Sql: string
    blob: string
    table: string
  }
}

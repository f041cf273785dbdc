namespace Serverless.Cli.Answers;

/// <summary>What <c>cost --json</c> prints. Money is US dollars for a month, a day's work is that of an average day.</summary>
internal sealed record CostDocument(
    IReadOnlyList<CostTermDocument> Terms,
    IReadOnlyList<CostWorkDocument> Work,
    double RequestsPerDay,
    double RequestUnitsPerDay,
    double RequestUnitsPerMonth,
    double GigabytesPerMonth,
    IReadOnlyList<CostMoneyDocument> Money);

internal sealed record CostTermDocument(string Name, string Meaning, double Value);

internal sealed record CostWorkDocument(string Work, string Formula, double RequestsPerDay, double RequestUnitsPerDay);

internal sealed record CostMoneyDocument(string What, string Formula, double DollarsPerMonth);

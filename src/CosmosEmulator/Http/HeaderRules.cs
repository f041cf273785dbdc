using System.Globalization;

namespace Serverless.CosmosEmulator.Http;

/// <summary>Headers that change nothing here, but whose wrong values the service refuses.</summary>
internal static class HeaderRules
{
    private const string CurrentVersion = "2020-07-15";

    private static readonly string[] Versions =
    [
        "2014-08-21", "2015-04-08", "2015-06-03", "2015-08-06", "2015-12-16", "2016-05-30", "2016-07-11", "2016-11-14", "2017-01-19",
        "2017-02-22", "2017-05-03", "2017-11-15", "2018-06-18", "2018-08-31", "2018-09-17", "2018-12-31", "2019-10-14", CurrentVersion,
    ];

    private static readonly string[] ConsistencyLevels = ["Strong", "BoundedStaleness", "Session", "ConsistentPrefix", "Eventual"];
    private static readonly string[] ReadStrategies = ["Eventual", "Session", "LatestCommitted", "GlobalStrong", "LastCommittedSingleWriteRegion"];
    private static readonly string[] IndexingDirectives = ["Default", "Include", "Exclude"];
    private static readonly string[] Formats = ["JsonText", "CosmosBinary", "HybridRow"];

    /// <summary>Until this version clients could create containers without a partition key.</summary>
    public static bool IsBeforePartitionKeys(CosmosRequest request) =>
        request.Header(HeaderNames.Version) is { } version && string.CompareOrdinal(version, "2018-12-31") < 0;

    public static void Check(CosmosRequest request)
    {
        // A version later than those known here may mean something else in details, but a client of tomorrow deserves a try.
        if (request.Header(HeaderNames.Version) is { } version and not CurrentVersion
            && !(IsDate(version) && (string.CompareOrdinal(version, CurrentVersion) > 0 || Versions.Contains(version))))
        {
            throw Invalid(HeaderNames.Version, version);
        }

        CheckOneOf(request, HeaderNames.ConsistencyLevel, ConsistencyLevels);
        CheckOneOf(request, HeaderNames.ReadConsistencyStrategy, ReadStrategies);
        CheckOneOf(request, HeaderNames.ContentSerializationFormat, Formats);
        if (request.Method is "POST" or "PUT" or "PATCH" or "DELETE")
        {
            CheckOneOf(request, HeaderNames.IndexingDirective, IndexingDirectives);
            CheckTriggers(request, HeaderNames.PreTriggers);
            CheckTriggers(request, HeaderNames.PostTriggers);
        }
    }

    private static void CheckOneOf(CosmosRequest request, string name, string[] known)
    {
        if (request.Header(name) is { Length: > 0 } value && !known.Contains(value, StringComparer.OrdinalIgnoreCase))
        {
            throw Invalid(name, value);
        }
    }

    /// <summary>A write whose trigger did not run would be another write than the client asked for.</summary>
    private static void CheckTriggers(CosmosRequest request, string name)
    {
        if (request.Header(name) is { Length: > 0 } triggers)
        {
            throw new RefusedException(Errors.NotImplemented($"The triggers '{triggers}' can't be executed: this emulator does not run JavaScript."));
        }
    }

    private static bool IsDate(string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private static RefusedException Invalid(string name, string value) =>
        new(Errors.BadRequest($"Invalid value '{value}' for header '{name}'."));
}

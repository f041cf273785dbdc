namespace Serverless.CosmosEmulator.Sql.Functions;

/// <summary>Functions that the service has and this engine refuses by name, with the service's argument counts.</summary>
internal static class UnsupportedFunctions
{
    public static IEnumerable<Function> All { get; } =
    [
        new("ST_AREA", 1, 1, null), new("ST_DISTANCE", 2, 2, null), new("ST_INTERSECTS", 2, 2, null), new("ST_ISVALID", 1, 1, null),
        new("ST_ISVALIDDETAILED", 1, 1, null), new("ST_WITHIN", 2, 2, null),
        new("VECTORDISTANCE", 2, 4, null),
        new("FULLTEXTCONTAINS", 2, 2, null), new("FULLTEXTCONTAINSALL", 2, null, null), new("FULLTEXTCONTAINSANY", 2, null, null),
        new("FULLTEXTSCORE", 2, null, null),
        new("DATETIMEFORMAT", 2, 2, null), new("HASH", 1, 3, null),
        new("REGEXEXTRACT", 2, 4, null), new("REGEXEXTRACTALL", 2, 4, null), new("REGEXREPLACE", 3, 4, null),
        new("REGEXREPLACEALL", 3, 4, null), new("GENERATEEMBEDDINGS", 1, 1, null),
    ];
}

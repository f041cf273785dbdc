using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Functions;

/// <summary>Questions about the type of a value, and IIF. They answer for undefined too.</summary>
internal static class TypeFunctions
{
    public static IEnumerable<Function> All { get; } =
    [
        Test("IS_ARRAY", value => value.Kind == SqlKind.Array),
        Test("IS_BOOL", value => value.Kind == SqlKind.Boolean),
        Test("IS_DATETIME", value => value.IsString && DateTimeText.TryParse(value.String, out _)),
        Test("IS_DEFINED", value => !value.IsUndefined),
        Test("IS_FINITE_NUMBER", value => value.IsNumber && double.IsFinite(value.Number.Double)),
        Test("IS_INTEGER", value => value.TryGetInteger(out _)),
        Test("IS_NULL", value => value.Kind == SqlKind.Null),
        Test("IS_NUMBER", value => value.IsNumber),
        Test("IS_OBJECT", value => value.Kind == SqlKind.Object),
        Test("IS_PRIMITIVE", value => value.IsPrimitive),
        Test("IS_STRING", value => value.IsString),
        new("IIF", 3, 3, a => a[0].IsTrue ? a[1] : a[2]),
    ];

    private static Function Test(string name, Func<SqlValue, bool> test) => new(name, 1, 1, a => SqlValue.Of(test(a[0])));
}

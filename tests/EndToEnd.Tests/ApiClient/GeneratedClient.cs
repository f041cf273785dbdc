using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NJsonSchema.CodeGeneration.CSharp;
using NSwag;
using NSwag.CodeGeneration.CSharp;
using NSwag.CodeGeneration.OperationNameGenerators;

namespace Serverless.EndToEnd.Tests.ApiClient;

/// <summary>A client as NSwag generates it from a document, compiled in memory together with code that uses it.</summary>
internal static class GeneratedClient
{
    public static async Task<string> GenerateAsync(string document, CancellationToken cancellationToken)
    {
        CSharpClientGeneratorSettings settings = new()
        {
            ClassName = "BankClient",
            UseBaseUrl = false,
            GenerateOptionalParameters = true,
            OperationNameGenerator = new SingleClientFromOperationIdOperationNameGenerator(),
            CSharpGeneratorSettings =
            {
                Namespace = "Generated",
                JsonLibrary = CSharpJsonLibrary.NewtonsoftJson,
                GenerateNullableReferenceTypes = true,
                GenerateOptionalPropertiesAsNullable = true,
            },
        };
        OpenApiDocument read = await OpenApiDocument.FromJsonAsync(document, cancellationToken);
        return new CSharpClientGenerator(read, settings).GenerateFile();
    }

    /// <summary>Against everything that this test has itself.</summary>
    public static Assembly Compile(params string[] sources)
    {
        string[] references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Generated",
            sources.Select(s => CSharpSyntaxTree.ParseText(s, new CSharpParseOptions(LanguageVersion.CSharp14))),
            references.Select(r => MetadataReference.CreateFromFile(r)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        using MemoryStream assembly = new();
        Assert.Empty(compilation.Emit(assembly).Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => d.ToString()));
        return Assembly.Load(assembly.ToArray());
    }
}

using System.Text.Json.Nodes;
using Serverless.CosmosEmulator.Http;

namespace Serverless.CosmosEmulator.Resources;

/// <summary>Full-text policies are checked and kept; no query can search.</summary>
internal static class FullTextPolicy
{
    private static readonly string[] Languages = ["en-US", "de-DE", "es-ES", "fr-FR", "it-IT", "pt-BR", "pt-PT"];

    public static void Check(JsonNode? policy)
    {
        CheckLanguage(policy?["defaultLanguage"]);
        foreach (JsonNode? path in policy?["fullTextPaths"] as JsonArray ?? [])
        {
            CheckLanguage(path?["language"]);
        }
    }

    private static void CheckLanguage(JsonNode? language)
    {
        if (language is not null && !Languages.Contains(language.ToString(), StringComparer.OrdinalIgnoreCase))
        {
            string known = string.Join(", ", Languages.Select(name => $"\"{name}\""));
            throw new RefusedException(Errors.BadRequest(
                $"The Full Text Policy contains an unsupported language {language}. Supported languages are: {known}."));
        }
    }
}

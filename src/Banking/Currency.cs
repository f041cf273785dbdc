using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Serverless.EventSourcing;

namespace Serverless.Banking;

/// <summary>
/// An ISO 4217 code. Reading accepts any three capital letters, so that history stays readable when a currency is withdrawn;
/// whether new business may use it is <see cref="IsInUse"/>.
/// </summary>
[JsonConverter(typeof(CurrencyConverter))]
public sealed record Currency
{
    private Currency(string code) => Code = code;

    /// <summary>ISO's own code for "no currency involved": an account that is not open has it.</summary>
    public static Currency None { get; } = new("XXX");

    public string Code { get; }

    public bool IsInUse => InUse.Contains(Code);

    /// <exception cref="FormatException">The code is not three capital letters.</exception>
    public static Currency Parse(string code) =>
        TryParse(code, out Currency? currency) ? currency : throw new FormatException(Rule);

    public static bool TryParse(string? code, [NotNullWhen(true)] out Currency? currency)
    {
        currency = code is { Length: 3 } && !code.AsSpan().ContainsAnyExceptInRange('A', 'Z') ? new Currency(code) : null;
        return currency is not null;
    }

    public override string ToString() => Code;

    internal const string Rule = "A currency is an ISO 4217 code of three capital letters, such as EUR.";

    // The national currencies of ISO 4217; funds codes, metals and test codes are no money to keep in an account.
    private static readonly FrozenSet<string> InUse =
        """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP
        CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD
        JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN
        NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN
        SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
        """.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
}

internal sealed class CurrencyConverter : JsonConverter<Currency>, IJsonSchemaProvider
{
    public override Currency Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Currency.TryParse(reader.GetString(), out Currency? currency)
            ? currency
            : throw new JsonException(Currency.Rule);

    public override void Write(Utf8JsonWriter writer, Currency value, JsonSerializerOptions options) => writer.WriteStringValue(value.Code);

    public JsonObject GetJsonSchema() => new()
    {
        ["type"] = "string",
        ["description"] = Currency.Rule,
        ["pattern"] = "^[A-Z]{3}$",
        ["examples"] = new JsonArray("EUR"),
    };
}

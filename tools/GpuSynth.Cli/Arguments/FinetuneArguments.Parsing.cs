using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace GpuSynth.Cli;

// How words become values.
internal sealed partial class FinetuneArguments
{
    private delegate bool Parser<T>(string text, out T value);

    private static int? Given(long number) => number == 0 ? null : (int)number;

    private static Option<string> Folder(string name, string description)
    {
        var option = new Option<string>(name) { Description = description, HelpName = "DIR", Required = true };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: string path }] && path.Trim().Length == 0)
            {
                result.AddError($"{name}: the folder's name is empty.");
            }
        });
        return option;
    }

    private static Option<T> Parsed<T>(string name, string help, string description, Parser<T> parser) => new(name)
    {
        Description = description,
        HelpName = help,
        CustomParser = argument =>
        {
            string text = argument.Tokens[0].Value;
            if (!parser(text, out T value))
            {
                argument.AddError($"{name}: '{text}' is not {Wanted(help)}.");
            }

            return value;
        },
    };

    private static Option<double?> Probability(string name, string description) => Parsed<double?>(
        name, "0 to 1", description,
        static (string text, out double? value) =>
        {
            bool isOne = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number is >= 0 and <= 1;
            value = number;
            return isOne;
        });

    private static string Wanted(string help) => help switch
    {
        "N" => "a label number other than 0",
        "R[,R...]" => "a list of different rates above 0 and at most 1, such as 3e-4,1e-3,3e-3",
        _ => help,
    };

    private static Option<double> Number(string name, string description, double preset, double most)
    {
        Option<double> option = Parsed<double>(
            name, string.Create(CultureInfo.InvariantCulture, $"0 to {most}"), description,
            (string text, out double value) =>
                double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value)
                && value >= 0
                && value <= most);
        option.DefaultValueFactory = _ => preset;
        return option;
    }

    // A part that is no whole number becomes -1.
    private static int[] Numbers(string text, char separator) =>
    [
        .. text.Split(separator).Select(static part =>
            int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1),
    ];

    // Distinct rates above 0 and to 1, ascending; none where a part is not one.
    private static double[] Rates(string text)
    {
        string[] parts = text.Split(',');
        double[] rates =
        [
            .. parts.Select(static part =>
                    double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double rate) ? rate : 0)
                .Where(static rate => rate is > 0 and <= 1)
                .Distinct()
                .Order(),
        ];
        return rates.Length == parts.Length ? rates : [];
    }

    private static int[] ParseNumbers(ArgumentResult argument)
    {
        string text = argument.Tokens[0].Value;
        int[] numbers = Numbers(text, ',');
        if (numbers.Contains(-1))
        {
            argument.AddError($"--train-cases: '{text}' is not a list of whole numbers, such as 5,10,30.");
        }

        return numbers;
    }
}

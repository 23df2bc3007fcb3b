using System.CommandLine;
using GpuSynth.Devices;
using Spectre.Console;

namespace GpuSynth.Cli.Commands;

/// <summary>"gpusynth devices": what there is to compute on.</summary>
internal static class DevicesCommand
{
    /// <summary>The command.</summary>
    public static Command Create(ToolContext context)
    {
        Option<bool> json = ToolOption.Json();
        var command = new Command("devices", "List what there is to compute on.") { json };
        command.SetAction(parsed => Run(parsed.GetValue(json), context.Output));
        return command;
    }

    private static int Run(bool isJson, Output output)
    {
        IReadOnlyList<DeviceInfo> devices = DeviceCatalogue.List();
        if (isJson)
        {
            WriteJson(devices, output);
            return ExitCode.Done;
        }

        Table table = Output.Table("name", "kind", "what", "generates", "remark");
        foreach (DeviceInfo device in devices)
        {
            Output.AddRow(table, device.Name, device.Kind, device.Description, device.CanGenerate ? "yes" : "no", device.Remark);
        }

        output.DataConsole.Write(table);
        return ExitCode.Done;
    }

    private static void WriteJson(IReadOnlyList<DeviceInfo> devices, Output output) => output.WriteJson(writer =>
    {
        writer.WriteObjects(null, devices, device =>
        {
            writer.WriteString("name", device.Name);
            writer.WriteString("kind", device.Kind);
            writer.WriteString("description", device.Description);
            writer.WriteBoolean("canGenerate", device.CanGenerate);
            writer.WriteString("remark", device.Remark);
        });
    });
}

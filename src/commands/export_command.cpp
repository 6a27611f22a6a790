#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "base/file.h"
#include "base/text.h"
#include "commands/commands.h"
#include "mnist_train/error.h"
#include "mnist_train/model.h"
#include "model/onnx_file.h"
#include "run/fingerprint.h"
#include "run/record.h"
#include "terminal/console.h"

namespace mnist {
namespace {

/// The accuracy of the model, if `path` is the directory of a run that tested this very model.
std::optional<std::string> known_accuracy(const std::filesystem::path& path, const MlpImpl& model) {
  try {
    const RunRecord run = read_result(path / kResultFile);
    if (!run.test || run.model_sha256 != model_sha256(model)) return std::nullopt;
    const ConfusionMatrix& confusion = run.test->confusion;
    return fmt::format("{} % ({} of {} test images)", percent_text(run.test->accuracy()),
                       confusion.correct(), confusion.total());
  } catch (const Error&) {  // the model can be exported all the same
    return std::nullopt;
  }
}

}  // namespace

ExitCode export_command(const ExportOptions& options) {
  const Mlp model = read_model(options.model);
  std::map<std::string, std::string> metadata{{"program", "mnist-train " MNIST_TRAIN_VERSION},
                                              {"architecture", describe(*model)}};
  if (const auto accuracy = known_accuracy(options.model, *model)) metadata["accuracy"] = *accuracy;
  write_file(options.onnx, encode_onnx(*model, metadata));
  write_out(printable(full_name(options.onnx)) + "\n");
  return ExitCode::kDone;
}

}  // namespace mnist

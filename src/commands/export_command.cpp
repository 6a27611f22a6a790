
#include "base/file.h"
#include "base/text.h"
#include "commands/commands.h"
#include "mnist_train/model.h"
#include "model/onnx_file.h"
#include "terminal/console.h"

namespace mnist {

ExitCode export_command(const ExportOptions& options) {
  const Mlp model = read_model(options.model);
  write_file(options.onnx, encode_onnx(*model, {{"program", "mnist-train " MNIST_TRAIN_VERSION},
                                                {"architecture", describe(*model)}}));
  write_out(printable(full_name(options.onnx)) + "\n");
  return ExitCode::kDone;
}

}  // namespace mnist

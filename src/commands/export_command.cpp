#include "base/file.h"
#include "base/text.h"
#include "commands/commands.h"
#include "mnist_train/model.h"
#include "model/onnx_file.h"
#include "terminal/console.h"

namespace mnist {

ExitCode export_command(const ExportOptions& options) {
  write_file(options.onnx, encode_onnx(*read_model(options.model)));
  write_out(printable(full_name(options.onnx)) + "\n");
  return ExitCode::kDone;
}

}  // namespace mnist

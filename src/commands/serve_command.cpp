#include <spdlog/spdlog.h>

#include <cstdint>
#include <exception>
#include <string>

#include "base/signals.h"
#include "commands/commands.h"
#include "draw/web_server.h"
#include "image/digit_image.h"
#include "image/image_file.h"
#include "mnist_train/error.h"
#include "run/checkpoint.h"
#include "terminal/console.h"
#include "train/classifier.h"
#include "train/runtime.h"

namespace mnist {
namespace {

constexpr std::int64_t kMaxPixels = 1000000;  // the page sends 280 x 280

Reading read_drawing(const Mlp& model, const std::string& png) {
  const GrayImage seen = prepare_digit(decode_image(png, "the drawing", kMaxPixels));
  return {seen, classify(model, to_tensor({seen})).front()};
}

// The page is only told that there was an internal error; whoever runs the server sees which.
Reading read_or_log(const Mlp& model, const std::string& png) {
  try {
    return read_drawing(model, png);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    spdlog::error("a drawing could not be read: {}", error.what());
    throw;
  }
}

void announce(int port) {
  write_out("http://127.0.0.1:" + std::to_string(port) + "/\n");
  spdlog::info("serving  to browsers on this machine; Ctrl-C ends it");
}

}  // namespace

ExitCode serve_command(const ServeOptions& options) {
  set_up_log(options.verbosity);
  set_threads(1);  // for one image more would only wait for each other
  const Mlp model = read_model(options.model);
  spdlog::info("model    {}: {}", options.model, describe(*model));
  watch_signals();
  serve(
      options.port, [&](const std::string& png) { return read_or_log(model, png); }, announce,
      [] { return noted_signal() != 0; });
  spdlog::info("stopped  by {}", signal_name(noted_signal()));
  return ExitCode::kDone;
}

}  // namespace mnist

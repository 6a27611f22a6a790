#include "cli/option_binding.h"

#include "cli/validators.h"

namespace mnist {

CLI::Validator some_path(const std::string& what) {
  return expect(what, [](const std::string& text) { return !text.empty(); });
}

void add_data_dir(CLI::App& app, std::string& dir) {
  app.add_option("--data", dir,
                 "Folder of the four MNIST files, or a torchvision root above it\n"
                 "[$MNIST_DATA_DIR, ./data, $XDG_DATA_HOME/mnist]")
      ->check(some_path("a folder"))
      ->option_text("DIR");
}

void add_test_limit(CLI::App& app, std::optional<std::int64_t>& limit) {
  add_value(app, "--test-limit", limit, "N", "Test on the first N images only",
            integer(1, kMaxImages));
}

void add_data_options(CLI::App& app, DataOptions& data) {
  add_data_dir(app, data.dir);
  add_value(app, "--train-limit", data.train_limit, "N", "Train on the first N images only",
            integer(1, kMaxImages));
  add_test_limit(app, data.test_limit);
  add_value(app, "--validation", data.validation, "N",
            "Hold out the last N training images and measure the loss on them",
            integer(0, kMaxImages));
}

void add_threads(CLI::App& app, int& threads, const std::string& help) {
  constexpr std::int64_t kMaxThreads = 1024;
  add_value(app, "--threads", threads, "N", help, integer(1, kMaxThreads));
}

void add_min_accuracy(CLI::App& app, std::optional<double>& percent) {
  add_value(app, "--min-accuracy", percent, "PERCENT",
            "Exit with code 6 if fewer of the test images are right", percentage());
}

}  // namespace mnist

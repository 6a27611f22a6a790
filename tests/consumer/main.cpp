// What a program with find_package(mnist_train) may look like: trains for some epochs on the data
// in a folder, and tests.

#include <mnist_train/data.h>
#include <mnist_train/engine.h>
#include <mnist_train/error.h>
#include <mnist_train/evaluation.h>
#include <mnist_train/model.h>
#include <torch/utils.h>

#include <cstdio>
#include <optional>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    mnist::DataOptions where;
    where.dir = argv[1];
    const mnist::DataSplits data = mnist::load_data(where);

    mnist::TrainingOptions options;
    options.lr = 0.1;
    torch::manual_seed(1);
    mnist::Mlp model(options.hidden);
    const mnist::EngineChoice choice =
        mnist::make_engine(mnist::EngineKind::kAuto, model, data, options);
    for (int epoch = 1; epoch <= 10; ++epoch) {
      const auto goes_on = [](std::int64_t /*images_done*/) { return true; };
      const std::optional<double> loss = choice.engine->train_epoch(epoch, std::nullopt, goes_on);
      std::printf("epoch %d loss %.6f\n", epoch, loss.value());
    }
    const mnist::Evaluation test = mnist::evaluate(model, data.test);
    std::printf("accuracy %.2f %%\n", mnist::percent_correct(test.confusion));
  } catch (const mnist::Error& error) {
    std::fprintf(stderr, "consumer: %s\n", error.what());
    return static_cast<int>(error.code());
  }
}

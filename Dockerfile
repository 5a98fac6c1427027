# The operator's image: a virtual environment and nothing else, run by a numeric user.
#   docker build --tag docker.io/mongors/mongors:0.1.0 .      (or: buildah build …)
# Any base with Python 3.11 will do, wherever its python3 is; the build also needs pip and venv there.
ARG PYTHON_IMAGE=docker.io/library/python:3.11-slim

FROM ${PYTHON_IMAGE} AS build
WORKDIR /src
# The same sources give the same files: byte code by what it was made of, not by when. With
# `buildah build --timestamp 0`, or BuildKit's rewrite-timestamp, the same layer as well.
ENV SOURCE_DATE_EPOCH=315532800
# Two environments, so that neither pip nor the build backend reaches the image.
RUN python3 -m venv --without-pip /build && python3 -m venv --without-pip /opt/mongors
COPY requirements/build.txt requirements/operator.txt requirements/
RUN python3 -m pip --python /build/bin/python install \
        --no-cache-dir --require-hashes --requirement requirements/build.txt \
 && python3 -m pip --python /opt/mongors/bin/python install \
        --no-cache-dir --require-hashes --requirement requirements/operator.txt
COPY pyproject.toml README.md ./
COPY deploy/manifests/mongors.yaml deploy/manifests/mongors.yaml
COPY operator/mongors operator/mongors
RUN python3 -m pip --python /build/bin/python wheel \
        --no-deps --no-build-isolation --wheel-dir /dist . \
 && python3 -m pip --python /opt/mongors/bin/python install --no-deps --no-index /dist/*.whl

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="mongors" \
      org.opencontainers.image.description="A Kubernetes operator for MongoDB replica sets"
# What installs packages has no business in a finished image.
RUN find /usr \( -name pip -o -name 'pip[-3]*' -o -name ensurepip \) -prune -exec rm -rf {} +
COPY --from=build /opt/mongors /opt/mongors
ENV PATH=/opt/mongors/bin:/usr/local/bin:/usr/bin:/bin PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 65532:65532
EXPOSE 8080 8081
ENTRYPOINT ["python", "-P", "-m", "mongors"]

# The page for many readers, behind a proxy (docs/hosting.md):
#   docker build -t chip-scaling .
#   docker run --rm --read-only --cap-drop=ALL --security-opt=no-new-privileges --memory=2g --pids-limit=256 --tmpfs /tmp \
#     -p 127.0.0.1:8501:8501 chip-scaling
FROM docker.io/library/python:3.11-slim
WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.txt
COPY app.py ./
COPY .streamlit .streamlit
COPY estimator estimator
COPY page page
COPY params params
ENV PYTHONPATH=/app HOME=/tmp OPENBLAS_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=3)"]
CMD ["python", "-m", "streamlit", "run", "app.py", "--server.address", "0.0.0.0"]

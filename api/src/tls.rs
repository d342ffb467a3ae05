//! TLS for addresses that others can reach: rustls, TLS 1.3 only, the certificate from PEM.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::version::TLS13;
use tokio_rustls::server::TlsStream;

/// A certificate and its key, ready to serve with.
#[derive(Clone)]
pub struct Tls(TlsAcceptor);

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls(…)")
    }
}

/// Why a certificate cannot be served with.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// There is none in the file, or it cannot be read.
    #[error("the certificate is none in PEM: {0}")]
    Certificate(String),
    /// There is none in the file, or it cannot be read. The reason leaves the contents out.
    #[error("the key is none in PEM")]
    Key,
    /// They do not belong together, or are of a kind that TLS 1.3 does not take.
    #[error("the certificate and the key do not do for TLS 1.3: {0}")]
    Unfit(String),
}

impl Tls {
    /// From a chain of certificates, the server's first, and the key of the first; both PEM.
    ///
    /// # Errors
    /// What is no PEM, or does not fit together.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let chain = CertificateDer::pem_slice_iter(chain).collect::<Result<Vec<_>, _>>();
        let chain = chain.map_err(|error| TlsError::Certificate(error.to_string()))?;
        if chain.is_empty() {
            return Err(TlsError::Certificate("it holds no certificate".into()));
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::Key)?;
        let unfit = |error: tokio_rustls::rustls::Error| TlsError::Unfit(error.to_string());
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&TLS13])
            .map_err(unfit)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(unfit)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }

    /// The handshake.
    pub(crate) async fn accept<S>(&self, stream: S) -> std::io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        self.0.accept(stream).await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use engine::Engine;
    use journal::Options;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio_rustls::TlsConnector;
    use tokio_rustls::rustls::{ClientConfig, RootCertStore};

    use super::*;
    use crate::{Config, Listening, Patience, Token, serve_with};

    const CERTIFICATE: &[u8] = include_bytes!("../testdata/tls-cert.pem");
    const KEY: &[u8] = include_bytes!("../testdata/tls-key.pem");

    #[test]
    fn a_certificate_and_its_key_do_and_nothing_else() {
        assert_eq!(format!("{:?}", Tls::from_pem(CERTIFICATE, KEY).unwrap()), "Tls(…)");
        let said = |chain: &[u8], key: &[u8]| Tls::from_pem(chain, key).unwrap_err().to_string();
        assert!(said(b"", KEY).contains("holds no certificate"));
        assert!(said(KEY, KEY).contains("holds no certificate"));
        assert_eq!(said(CERTIFICATE, CERTIFICATE), "the key is none in PEM");
        let broken = [CERTIFICATE, b"-----BEGIN CERTIFICATE-----\nx"].concat();
        assert!(said(&broken, KEY).starts_with("the certificate is none in PEM"));
    }

    fn client() -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(CERTIFICATE).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&TLS13])
            .unwrap();
        TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
    }

    async fn rest(mut stream: impl AsyncReadExt + Unpin) -> String {
        let mut answer = Vec::new();
        // Cut off in order or not: what came counts.
        let read = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut answer)).await;
        assert!(read.is_ok(), "it is not cut off");
        String::from_utf8_lossy(&answer).into_owned()
    }

    #[tokio::test]
    async fn requests_come_through_tls_and_nothing_else_does() {
        let bind = async || TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let (main, local) = (bind().await, bind().await);
        let (address, near) = (main.local_addr().unwrap(), local.local_addr().unwrap());
        let listening = Listening::secure(main, Tls::from_pem(CERTIFICATE, KEY).unwrap(), local);
        let token = Token::parse(&format!("wb_01J000000000000000000TEST0_{}", "0f".repeat(32))).unwrap();
        let patience = Patience { head: Duration::from_millis(300), ..Patience::default() };
        let engine = Engine::memory(Options::default()).unwrap();
        let search = ::search::Search::start(engine.journal().clone(), None).unwrap();
        let config = Config { token, hosts: vec![], origins: vec![], witnesses: vec![], search, setup: None };
        let serving = tokio::spawn(serve_with(engine, listening, config, patience, std::future::pending()));
        let livez = |host| format!("GET /livez HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let stream = TcpStream::connect(address).await.unwrap();
        let mut secure = client().connect("localhost".try_into().unwrap(), stream).await.unwrap();
        secure.write_all(livez(address).as_bytes()).await.unwrap();
        assert!(rest(secure).await.starts_with("HTTP/1.1 200 OK"));
        let mut plain = TcpStream::connect(address).await.unwrap();
        plain.write_all(livez(address).as_bytes()).await.unwrap();
        assert!(!rest(plain).await.contains("200 OK"));
        assert_eq!(rest(TcpStream::connect(address).await.unwrap()).await, "", "no handshake comes");
        let mut local = TcpStream::connect(near).await.unwrap();
        local.write_all(livez(near).as_bytes()).await.unwrap();
        assert!(rest(local).await.starts_with("HTTP/1.1 200 OK"));
        serving.abort();
    }
}
